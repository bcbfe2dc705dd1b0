import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cleanName, cleanText, isEmoji } from "../../../src/client/conversation/clean-text.ts";
import {
  decodeCallMessage,
  encodeCallMessage,
  MAX_NAME_CHARACTERS,
  MAX_TEXT_CHARACTERS,
} from "../../../src/client/group/call-messages.ts";

describe("clean names", () => {
  it("lose what could deceive: control characters and changes of direction", () => {
    assert.equal(cleanName("  Ada\u202E\n\u0000 Lovelace "), "Ada Lovelace");
  });

  it("are cut between two characters, never within one", () => {
    const family = "👨‍👩‍👧‍👦";
    const name = cleanName(family.normalize("NFC").repeat(40));
    assert.ok(name.length <= MAX_NAME_CHARACTERS);
    assert.doesNotMatch(name, /[\uD800-\uDBFF]$/);
    const message = { type: "profile", name } as const;
    assert.deepEqual(decodeCallMessage(encodeCallMessage(message)), message);
  });
});

describe("clean texts", () => {
  it("keep lines, letters of all scripts and emoji that are joined", () => {
    for (const text of ["one\n\ttwo", "می\u200Cخواهم", "👩‍🚀 क्‍ष"]) {
      assert.equal(cleanText(text), text.normalize("NFC"));
    }
    assert.equal(cleanText("a\r\nb"), "a\nb");
  });

  it("lose what could make an address look like another one", () => {
    assert.equal(cleanText("https://a\u202Emoc.\u2066b\uFEFF/\u0007"), "https://amoc.b/");
    assert.equal(cleanText(" \u2060\n "), "");
  });

  it("are cut to what a message holds", () => {
    assert.equal(cleanText("x".repeat(9_000)).length, MAX_TEXT_CHARACTERS);
  });
});

describe("emoji", () => {
  it("are one character that is a picture", () => {
    for (const emoji of ["👍", "👍🏽", "👨‍👩‍👧‍👦", "🇫🇷", "❤️"]) assert.ok(isEmoji(emoji), emoji);
    for (const text of ["", "a", "👍👍", "👍a", "<b>", "1"]) assert.ok(!isEmoji(text), text);
  });
});
