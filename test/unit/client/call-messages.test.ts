import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  decodeCallMessage,
  encodeCallMessage,
  MAX_NAME_CHARACTERS,
  MAX_TEXT_CHARACTERS,
} from "../../../src/client/group/call-messages.ts";

describe("call messages", () => {
  it("come out as they went in", () => {
    const message = { type: "profile", name: "Zoë 👩‍🚀" } as const;
    assert.deepEqual(decodeCallMessage(encodeCallMessage(message)), message);
  });

  it("are of four kinds", () => {
    const messages = [
      { type: "profile", name: "Ada", handMs: 1_200, ask: true },
      {
        type: "profile",
        name: "",
        identity: { key: "A".repeat(43), proof: "B".repeat(86) },
      },
      { type: "chat", text: "line\nline" },
      { type: "reaction", emoji: "👍🏽" },
      { type: "hand", raised: false },
    ] as const;
    for (const message of messages) {
      assert.deepEqual(decodeCallMessage(encodeCallMessage(message)), message);
    }
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
      '{"type":"profile","name":"Ada","handMs":-1}',
      '{"type":"profile","name":"Ada","handMs":1e12}',
      '{"type":"profile","name":"Ada","identity":{"key":"short","proof":"short"}}',
      '{"type":"chat","text":""}',
      `{"type":"chat","text":"${"x".repeat(MAX_TEXT_CHARACTERS + 1)}"}`,
      `{"type":"reaction","emoji":"${"x".repeat(41)}"}`,
      '{"type":"hand","raised":"yes"}',
    ];
    for (const text of texts) {
      assert.equal(decodeCallMessage(new TextEncoder().encode(text)), undefined, text);
    }
    assert.equal(decodeCallMessage(Uint8Array.of(0xff, 0xfe)), undefined);
  });
});
