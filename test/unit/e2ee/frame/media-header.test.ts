import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FrameError } from "../../../../src/e2ee/frame/frame-error.ts";
import { wholeOf } from "../../../../src/e2ee/frame/frame-codec.ts";
import type { DecodedHeader } from "../../../../src/e2ee/frame/header.ts";
import { decodeHeader, encodeHeader } from "../../../../src/e2ee/frame/header.ts";
import {
  mediaHeaderBytes,
  readMediaHeader,
  writeMediaHeader,
} from "../../../../src/e2ee/frame/media-header.ts";
import { AssociatedData, metadataOf } from "../../../../src/e2ee/frame/metadata.ts";
import { requireCodec, VP8 } from "./roster.ts";

const UINT32_END = 2 ** 32;
/** Values around each border between two lengths are as frequent as all others. */
const uint32 = fc.oneof(
  fc.nat(UINT32_END - 1),
  fc
    .tuple(fc.integer({ min: 0, max: 32 }), fc.constantFrom(-1, 0, 1))
    .map(([bits, step]) => Math.min(UINT32_END - 1, Math.max(0, 2 ** bits + step))),
);

test("a frame's header has the bytes that RFC 9605 gives it, wherever it stands", () => {
  fc.assert(
    fc.property(uint32, uint32, fc.nat(20), (keyId, counter, offset) => {
      const expected = encodeHeader(BigInt(keyId), BigInt(counter));
      assert.equal(mediaHeaderBytes(keyId, counter), expected.length);
      const bytes = new Uint8Array(offset + expected.length + 1).fill(0xee);
      writeMediaHeader(bytes, offset, keyId, counter);
      assert.deepEqual(bytes.slice(offset, -1), expected);
      assert.equal(bytes.at(-1), 0xee, "nothing is written behind it");
      const { length: byteLength } = expected;
      assert.deepEqual(readMediaHeader(bytes, offset), { keyId, counter, byteLength });
    }),
    { numRuns: 5_000 },
  );
});

test("any bytes are read as the whole decoder reads them, except for numbers beyond 32 bits", () => {
  const field = fc.uint8Array({ maxLength: 20 });
  /** Leading zeros make a field too long; most random bytes have none. */
  const zeroed = field.map((bytes) => bytes.map((byte, at) => (at % 3 === 1 ? 0 : byte)));
  fc.assert(
    fc.property(fc.oneof(field, zeroed), fc.nat(5), (bytes, offset) => {
      const whole = decodeOrUndefined(bytes, offset);
      const isSmall = whole && whole.keyId < UINT32_END && whole.counter < UINT32_END;
      const expected = isSmall
        ? { ...whole, keyId: Number(whole.keyId), counter: Number(whole.counter) }
        : undefined;
      assert.deepEqual(readMediaHeader(bytes, offset), expected);
    }),
    { numRuns: 20_000 },
  );
});

test("associated data is the header and then the metadata, whatever was written before", () => {
  const codecs = [requireCodec("video/h264"), VP8] as const;
  const aad = new AssociatedData("screen");
  fc.assert(
    fc.property(
      uint32,
      uint32,
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(...codecs),
      (keyId, counter, clear, codec) => {
        const header = encodeHeader(BigInt(keyId), BigInt(counter));
        const { length } = clear;
        const metadata = [2, 1, 2, codec.id, length >> 8, length & 0xff, ...clear];
        assert.deepEqual([...metadataOf("screen", codec, wholeOf(clear))], metadata);
        const written = aad.of(keyId, counter, codec, wholeOf(clear));
        assert.deepEqual([...written], [...header, ...metadata]);
      },
    ),
  );
});

function decodeOrUndefined(bytes: Uint8Array, offset: number): DecodedHeader | undefined {
  try {
    return decodeHeader(bytes, offset);
  } catch (error) {
    assert.ok(error instanceof FrameError && error.code === "malformed");
    return undefined;
  }
}
