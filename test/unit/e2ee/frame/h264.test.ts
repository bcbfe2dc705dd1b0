import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ClearBytes } from "../../../../src/e2ee/frame/frame-codec.ts";
import { FrameOpener } from "../../../../src/e2ee/frame/frame-opener.ts";
import { FrameSealer } from "../../../../src/e2ee/frame/frame-sealer.ts";
import { Keyring } from "../../../../src/e2ee/frame/keyring.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { epochKeysOf, requireCodec } from "./roster.ts";
import { h264OverRtp, h264UnitsOf } from "./rtp-journey.ts";

const H264 = requireCodec("video/h264");
/** Parameters, and units that a frame may begin with; H.264 table 7-1. */
const PARAMETER_TYPES = [6, 7, 8, 9, 12, 14];

/**
 * Bytes of a stream at its worst: start codes of every length, whole and cut off, units without
 * content, runs of zeros, what escaping puts in, and headers of every type in between.
 */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom([0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0, 0, 1]) },
  { weight: 2, arbitrary: fc.constantFrom([0], [0, 0], [0, 0, 0], [0, 0, 2], [0, 0, 3], [1]) },
  { weight: 2, arbitrary: fc.constantFrom([0, 0, 3, 0], [0, 0, 3, 1], [0, 0, 3, 3], [0x80]) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(1, 5, 6, 7, 8, 9, 12, 14, 20, 0).map((type) => [0x60 | type]),
  },
  { weight: 2, arbitrary: fc.array(fc.nat(255), { maxLength: 8 }) },
);
const stream = fc.array(piece, { maxLength: 24 }).map((pieces) => Uint8Array.from(pieces.flat()));
/** The same behind a beginning that makes it a frame more often than not. */
const frame = fc
  .tuple(
    fc.constantFrom([], [0, 0, 0, 1, 0x67, 66, 0, 0, 3, 1, 0, 0, 1], [0, 0, 1, 0x41], [0, 0, 1]),
    stream,
  )
  .map(([start, rest]) => Uint8Array.from([...start, ...rest]));
/** Ciphertext holds every sequence once in a while; here it does so all the time. */
const sealedBytes = fc
  .array(fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 3, 0x80), fc.nat(255)), { maxLength: 60 })
  .map((bytes) => Uint8Array.from(bytes));

const bytesOf = ({ bytes, length }: ClearBytes): Uint8Array => bytes.slice(0, length);

test("whatever a frame and a ciphertext hold, both come out of RTP as they went in", () => {
  let carried = 0;
  fc.assert(
    fc.property(frame, sealedBytes, (bytes, sealed) => {
      const clear = H264.clearOf(bytes);
      if (clear === undefined) return;
      carried += 1;
      const before = bytesOf(clear);
      const sent = H264.escape?.(clear, sealed) ?? assert.fail("H.264 is escaped");
      for (const received of [sent, h264OverRtp(sent)]) {
        const found = H264.find(received) ?? assert.fail(`lost: ${sent.join()}`);
        assert.deepEqual(bytesOf(found.clear), before);
        assert.deepEqual(found.bytes.slice(found.sealedAt), sealed);
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(carried > 2_000, `only ${carried} of the streams were frames`);
});

test("the clear part is the same from every way to write start codes", () => {
  const unit = fc.array(fc.constantFrom(4, 5, 6, 7, 0x80, 0xff), { minLength: 3, maxLength: 6 });
  const code = fc.constantFrom([0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0, 0, 1]);
  const types = fc.tuple(fc.subarray(PARAMETER_TYPES), fc.constantFrom(1, 5));
  fc.assert(
    fc.property(types, fc.infiniteStream(unit), fc.infiniteStream(code), (kinds, units, codes) => {
      const all = [...kinds[0], kinds[1]].map((type) => [0x60 | type, ...units.next().value]);
      const write = () =>
        Uint8Array.from(all.flatMap((content) => [...codes.next().value, ...content]));
      const clear = H264.clearOf(write()) ?? assert.fail("no frame");
      const again = H264.clearOf(write()) ?? assert.fail("no frame");
      assert.deepEqual(bytesOf(again), bytesOf(clear));
      const shown = all.map((content, at) =>
        at === all.length - 1 ? content.slice(0, 3) : content,
      );
      assert.deepEqual(h264UnitsOf(bytesOf(clear)), shown);
    }),
    { numRuns: 2_000 },
  );
});

test("only what shows no picture is refused", () => {
  fc.assert(
    fc.property(frame, (bytes) => {
      assert.equal(H264.clearOf(bytes) !== undefined, isFrame(bytes), bytes.join());
    }),
    { numRuns: 20_000 },
  );
});

test("every such frame opens as it was sealed, byte for byte", async () => {
  const [alice, bob] = [
    new Keyring({ clock: new ManualClock() }),
    new Keyring({ clock: new ManualClock() }),
  ];
  alice.setEpoch(epochKeysOf("alice", 1));
  bob.setEpoch(epochKeysOf("bob", 1));
  const sealer = new FrameSealer(alice, "camera");
  const opener = new FrameOpener(bob, { participantId: "alice", source: "camera" });
  await fc.assert(
    fc.asyncProperty(frame.filter(isFrame), async (bytes) => {
      const outcome = await sealer.seal(bytes, H264);
      assert.ok(outcome.status === "sealed", bytes.join());
      const opened = await opener.open(h264OverRtp(outcome.data), H264);
      assert.ok(opened.status === "opened", JSON.stringify(opened));
      assert.deepEqual(opened.data, bytes);
    }),
    { numRuns: 3_000 },
  );
});

test("nothing that a server can write in place of a frame breaks the reading of it", () => {
  let read = 0;
  fc.assert(
    fc.property(frame, (bytes) => {
      // What a sender writes ends so, whatever else is changed on the way.
      const found = H264.find(Uint8Array.from([...bytes, 0x80]));
      if (found === undefined) return;
      read += 1;
      // Whoever reads more into it than the sender can have written would open two forms of one frame.
      const written = H264.escape?.(found.clear, found.bytes.slice(found.sealedAt));
      assert.deepEqual(H264.find(written ?? assert.fail()), found);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(read > 400, `only ${read} of the streams were read`);
});

/** By splitting the whole stream, and so in another way than the code does it. */
function isFrame(bytes: Uint8Array): boolean {
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 2 || bytes[first] !== 1) return false;
  for (const unit of h264UnitsOf(bytes)) {
    const [header, ...content] = unit;
    if (header === undefined) continue;
    const type = header & 31;
    if (type >= 1 && type <= 5) return content.length >= 2;
    if (!PARAMETER_TYPES.includes(type)) return false;
  }
  return false;
}
