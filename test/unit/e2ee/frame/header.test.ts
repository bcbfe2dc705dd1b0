import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FrameError } from "../../../../src/e2ee/frame/frame-error.ts";
import { decodeHeader, encodeHeader, MAX_HEADER_BYTES } from "../../../../src/e2ee/frame/header.ts";

const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  fc.integer({ min: 0, max: 63 }).map((bits) => 1n << BigInt(bits)),
  fc.integer({ min: 1, max: 64 }).map((bits) => (1n << BigInt(bits)) - 1n),
);

test("every header decodes to what it was made of, wherever it stands", () => {
  fc.assert(
    fc.property(uint64, uint64, fc.nat(20), fc.uint8Array(), (keyId, counter, offset, tail) => {
      const header = encodeHeader(keyId, counter);
      const bytes = new Uint8Array([...new Uint8Array(offset), ...header, ...tail]);
      const expected = { keyId, counter, byteLength: header.length };
      assert.deepEqual(decodeHeader(bytes, offset), expected);
      assert.ok(header.length <= MAX_HEADER_BYTES);
    }),
  );
});

test("a header that is cut off anywhere is malformed", () => {
  fc.assert(
    fc.property(uint64, uint64, (keyId, counter) => {
      const header = encodeHeader(keyId, counter);
      for (let length = 0; length < header.length; length += 1) {
        assert.throws(() => decodeHeader(header.subarray(0, length)), hasCode("malformed"));
      }
    }),
  );
});

test("bytes that decode are the one encoding of what they say", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes) => {
      const decoded = decodeOrUndefined(bytes);
      if (decoded === undefined) return;
      const again = encodeHeader(decoded.keyId, decoded.counter);
      assert.deepEqual(again, bytes.slice(0, decoded.byteLength));
    }),
  );
});

test("longer forms of small numbers are malformed", () => {
  for (const bytes of [
    [0x80, 7],
    [0x08, 7],
    [0x90, 0, 9],
    [0x09, 0, 200],
    [0x0f, 0, 1, 1, 1, 1, 1, 1, 1],
  ]) {
    assert.throws(() => decodeHeader(Uint8Array.from(bytes)), hasCode("malformed"));
  }
});

test("numbers beyond 64 bits are refused", () => {
  for (const bad of [-1n, 1n << 64n]) {
    assert.throws(() => encodeHeader(bad, 0n), hasCode("bad-argument"));
    assert.throws(() => encodeHeader(0n, bad), hasCode("bad-argument"));
  }
});

function decodeOrUndefined(bytes: Uint8Array) {
  try {
    return decodeHeader(bytes);
  } catch (error) {
    assert.ok(error instanceof FrameError && error.code === "malformed");
    return undefined;
  }
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof FrameError && error.code === code;
}
