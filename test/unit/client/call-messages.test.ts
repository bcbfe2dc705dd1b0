import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  cleanName,
  decodeCallMessage,
  encodeCallMessage,
  MAX_NAME_CHARACTERS,
} from "../../../src/client/group/call-messages.ts";

describe("call messages", () => {
  it("come out as they went in", () => {
    const message = { type: "profile", name: "Zoë 👩‍🚀" } as const;
    assert.deepEqual(decodeCallMessage(encodeCallMessage(message)), message);
  });

  it("are ignored when they are not of this version's making", () => {
    const texts = [
      "",
      "null",
      "{}",
      '{"type":"profile"}',
      '{"type":"profile","name":7}',
      '{"type":"profile","name":"Ada","admin":true}',
      '{"type":"unheard-of"}',
      `{"type":"profile","name":"${"x".repeat(MAX_NAME_CHARACTERS + 1)}"}`,
    ];
    for (const text of texts) {
      assert.equal(decodeCallMessage(new TextEncoder().encode(text)), undefined, text);
    }
    assert.equal(decodeCallMessage(Uint8Array.of(0xff, 0xfe)), undefined);
  });
});

describe("clean names", () => {
  it("lose what could deceive: control characters and changes of direction", () => {
    assert.equal(cleanName("  Ada\u202E\n\u0000 Lovelace "), "Ada Lovelace");
  });

  it("are cut between two characters, never within one", () => {
    const family = "👨‍👩‍👧‍👦";
    const cut = cleanName(family.normalize("NFC").repeat(40));
    assert.ok(cut.length <= MAX_NAME_CHARACTERS);
    assert.doesNotMatch(cut, /[\uD800-\uDBFF]$/);
    assert.equal(decodeCallMessage(encodeCallMessage({ type: "profile", name: cut }))?.name, cut);
  });
});
