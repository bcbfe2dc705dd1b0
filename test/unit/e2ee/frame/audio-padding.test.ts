import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { padAudio, paddedLength, unpadAudio } from "../../../../src/e2ee/frame/audio-padding.ts";

test("padding is taken off again, whatever the frame ends with", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(40), (frame, zeros) => {
      const input = Uint8Array.from([...frame, ...new Uint8Array(zeros)]);
      const padded = padAudio(input);
      assert.equal(padded.length, paddedLength(input.length));
      assert.deepEqual(unpadAudio(padded.buffer), input);
    }),
  );
});

test("every packet of a voice has one and the same size", () => {
  const sizes = new Set(Array.from({ length: 127 }, (_, index) => paddedLength(index + 1)));
  assert.deepEqual(sizes, new Set([128]));
});

test("larger packets go to the next multiple of 64", () => {
  assert.deepEqual([128, 191, 192, 1275].map(paddedLength), [192, 192, 256, 1280]);
});

test("bytes without padding are malformed", () => {
  for (const bytes of [[], [0], [0, 0, 0], [1], [0x80, 1], [0x80, 0, 0x7f]]) {
    assert.throws(() => unpadAudio(Uint8Array.from(bytes).buffer), { code: "malformed" });
  }
});

test("a buffer that is used again keeps nothing of the frame before", () => {
  const first = padAudio(new Uint8Array(100).fill(1));
  const second = padAudio(Uint8Array.of(2, 3), first);
  assert.equal(second, first);
  assert.deepEqual(unpadAudio(second.buffer), Uint8Array.of(2, 3));
  assert.equal(padAudio(new Uint8Array(150), new Uint8Array(128)).length, 192);
});
