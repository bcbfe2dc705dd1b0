import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  bytes,
  commitBytes,
  epoch,
  handshake,
  LIMITS,
  ownHandshake,
  participantId,
  resumeToken,
  rtpParameters,
  transportId,
} from "../../../src/protocol/index.ts";

const valid = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

test("room and participant ids are 16 bytes in their one encoding", () => {
  assert.equal(valid(participantId, "sen718ucpIednGdpa3uOUQ"), true);
  for (const id of [
    "",
    "sen718ucpIednGdpa3uOU",
    "sen718ucpIednGdpa3uOUR",
    "sen718ucpIednGdpa3uOUQ=",
  ]) {
    assert.equal(valid(participantId, id), false, id);
  }
});

test("the server's ids are short and plain", () => {
  assert.equal(valid(transportId, "0b9e-_Z"), true);
  for (const id of ["", "a b", "a\n", "ä", "A".repeat(LIMITS.textCharacters + 1)]) {
    assert.equal(valid(transportId, id), false);
    assert.equal(valid(resumeToken, id), false);
  }
});

describe("bytes", () => {
  test("come as any of the types that Socket.IO delivers, and are given as Uint8Array", () => {
    const expected = Uint8Array.of(1, 2);
    for (const value of [expected, expected.buffer, Buffer.from([1, 2])]) {
      const parsed = bytes(2).parse(value);
      assert.ok(parsed instanceof Uint8Array);
      assert.deepEqual(new Uint8Array(parsed), expected);
    }
  });

  test("are limited, and never none", () => {
    assert.equal(valid(bytes(2), new Uint8Array(3)), false);
    assert.equal(valid(bytes(2), new Uint8Array(0)), false);
    assert.equal(valid(bytes(2), [1, 2]), false);
    assert.equal(valid(bytes(2), "AA"), false);
    assert.equal(valid(commitBytes, new Uint8Array(LIMITS.commitBytes)), true);
    assert.equal(valid(commitBytes, new Uint8Array(LIMITS.commitBytes + 1)), false);
  });
});

test("an epoch is a whole number that is exact in JavaScript", () => {
  assert.equal(valid(epoch, 0), true);
  assert.equal(valid(epoch, Number.MAX_SAFE_INTEGER), true);
  for (const value of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, "0", 0n]) {
    assert.equal(valid(epoch, value), false);
  }
});

test("the handshake is the version and nothing more", () => {
  assert.equal(valid(handshake, ownHandshake), true);
  assert.equal(valid(handshake, { ...ownHandshake, token: "x" }), false);
  assert.equal(valid(handshake, {}), false);
});

test("RTP parameters take no header extension that could carry data past the encryption", () => {
  const withExtension = (uri: string) => ({
    codecs: [{ mimeType: "audio/opus", payloadType: 100, clockRate: 48_000, channels: 2 }],
    encodings: [{ ssrc: 1 }],
    headerExtensions: [{ uri, id: 1 }],
  });
  assert.equal(valid(rtpParameters, withExtension("urn:ietf:params:rtp-hdrext:sdes:mid")), true);
  assert.equal(valid(rtpParameters, withExtension("urn:example:my-data")), false);
});
