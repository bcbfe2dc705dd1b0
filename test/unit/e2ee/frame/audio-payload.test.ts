import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { packAudio, paddedLength, unpackAudio } from "../../../../src/e2ee/frame/audio-payload.ts";

const withZeros = fc
  .tuple(fc.uint8Array({ maxLength: 700 }), fc.nat(40))
  .map(([bytes, zeros]) => Uint8Array.from([...bytes, ...new Uint8Array(zeros)]));

test("a frame comes out as it went in, whatever it ends with", () => {
  fc.assert(
    fc.property(withZeros, (frame) => {
      const padded = packAudio(frame);
      assert.equal(padded.length, paddedLength(frame.length));
      assert.deepEqual(unpackAudio(padded.buffer), { frame, previous: undefined });
    }),
  );
});

test("the frame before comes along where there is room, and never makes it larger", () => {
  fc.assert(
    fc.property(withZeros, withZeros, (frame, previous) => {
      const padded = packAudio(frame, previous);
      assert.equal(padded.length, paddedLength(frame.length));
      const unpacked = unpackAudio(padded.buffer);
      assert.deepEqual(unpacked.frame, frame);
      if (unpacked.previous !== undefined) assert.deepEqual(unpacked.previous, previous);
      const isSmall = previous.length > 0 && frame.length + previous.length <= 190;
      if (isSmall) assert.deepEqual(unpacked.previous, previous);
    }),
    { numRuns: 500 },
  );
});

test("two packets of 32 kbit/s fit, and cost one byte", () => {
  const [frame, previous] = [new Uint8Array(80).fill(1), new Uint8Array(80).fill(2)];
  const padded = packAudio(frame, previous);
  assert.equal(padded.length, 192);
  assert.equal(padded.indexOf(0), 161);
  assert.deepEqual(unpackAudio(padded.buffer), { frame, previous });
});

test("every packet of a voice has one and the same size", () => {
  const sizes = new Set(Array.from({ length: 191 }, (_, index) => paddedLength(index + 1)));
  assert.deepEqual(sizes, new Set([192]));
});

test("larger packets go to the next multiple of 64", () => {
  assert.deepEqual([192, 255, 256, 1275].map(paddedLength), [256, 256, 320, 1280]);
});

test("bytes that were not packed are malformed", () => {
  const bad = [
    [],
    [0],
    [0, 0, 0],
    [1],
    [0x80, 1],
    [0x80, 0, 0x7f],
    [0x81],
    [1, 0x81, 0],
    [0x82],
    [0, 0x82],
    [7, 2, 0x82],
  ];
  for (const bytes of bad) {
    const { buffer } = Uint8Array.from(bytes);
    assert.throws(() => unpackAudio(buffer), { code: "malformed" }, bytes.join());
  }
});

test("a buffer that is used again keeps nothing of the frame before", () => {
  const first = packAudio(new Uint8Array(100).fill(1));
  const second = packAudio(Uint8Array.of(2, 3), undefined, first);
  assert.equal(second, first);
  assert.deepEqual(unpackAudio(second.buffer).frame, Uint8Array.of(2, 3));
  assert.equal(packAudio(new Uint8Array(200), undefined, new Uint8Array(192)).length, 256);
});
