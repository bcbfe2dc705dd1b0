import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { codecOf, SEALABLE_MIME_TYPES } from "../../../../src/e2ee/frame/codecs.ts";
import { escapeAfter, unescapeAfter } from "../../../../src/e2ee/frame/emulation-prevention.ts";
import { FrameOpener } from "../../../../src/e2ee/frame/frame-opener.ts";
import { FrameSealer } from "../../../../src/e2ee/frame/frame-sealer.ts";
import { Keyring } from "../../../../src/e2ee/frame/keyring.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { epochKeysOf, requireCodec } from "./roster.ts";
import { av1OverRtp, h264OverRtp, h264UnitsOf } from "./rtp-journey.ts";

const H264 = requireCodec("video/h264");
const AV1 = requireCodec("video/av1");

/** Bytes among which start codes, and what nearly is one, are frequent. */
const zeroRich = fc
  .array(fc.constantFrom(0, 0, 0, 1, 2, 3, 0x80, 0xff), { maxLength: 60 })
  .map((bytes) => Uint8Array.from(bytes));

function createWay() {
  const [alice, bob] = [keyringOf("alice"), keyringOf("bob")];
  const sealer = new FrameSealer(alice, "camera");
  const opener = new FrameOpener(bob, { participantId: "alice", source: "camera" });
  return { sealer, opener };
}

function keyringOf(person: "alice" | "bob"): Keyring {
  const keyring = new Keyring({ clock: new ManualClock() });
  keyring.setEpoch(epochKeysOf(person, 1));
  return keyring;
}

test("the table has a row for each codec, with a number of its own", () => {
  const rows = SEALABLE_MIME_TYPES.map((mimeType) => requireCodec(mimeType));
  assert.deepEqual(
    rows.map(({ id, mimeType }) => `${id} ${mimeType}`),
    ["1 audio/opus", "2 video/vp8", "3 video/vp9", "4 video/h264", "5 video/av1"],
  );
  assert.equal(codecOf("video/H264"), H264);
  assert.equal(codecOf("video/h265"), undefined);
});

test("what is escaped holds no start code, not even across the border, and comes back", () => {
  fc.assert(
    fc.property(zeroRich, zeroRich, (before, bytes) => {
      const escaped = escapeAfter(before, bytes);
      const border = Math.max(0, before.length - 2);
      const hidden = Buffer.from(escaped.subarray(border));
      if (!Buffer.from(before.subarray(border)).includes(Buffer.of(0, 0))) {
        assert.equal(hidden.indexOf(Buffer.of(0, 0, 0)), -1);
      }
      for (const low of [1, 2]) {
        assert.equal(hidden.indexOf(Buffer.of(0, 0, low)), -1);
      }
      assert.notEqual(escaped.at(-1), 0, "zeros at the end may be cut off");
      assert.deepEqual(unescapeAfter(before, escaped.slice(before.length)), bytes);
    }),
    { numRuns: 3_000 },
  );
});

test("each escaped form has one meaning, and each meaning one form", () => {
  fc.assert(
    fc.property(zeroRich, zeroRich, (before, escaped) => {
      const bytes = unescapeAfter(before, escaped);
      if (bytes === undefined) return;
      assert.deepEqual(escapeAfter(before, bytes).slice(before.length), escaped);
    }),
    { numRuns: 3_000 },
  );
});

/** A NAL unit of this type: no start code within, no zero at its end. */
const unitOf = (types: readonly number[], minLength: number) =>
  fc
    .tuple(fc.constantFrom(...types), fc.uint8Array({ minLength, maxLength: 80 }), zeroRich)
    .map(([type, first, second]) => {
      const content = Uint8Array.from([...first, ...second]);
      return Uint8Array.from([0x60 | type, ...escapeAfter(new Uint8Array(0), content)]);
    });
const startCode = fc.constantFrom([0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0, 0, 1]);
const h264Frame = fc
  .tuple(
    fc.array(fc.tuple(startCode, unitOf([6, 7, 8, 9, 12, 14], 0)), { maxLength: 4 }),
    fc.array(fc.tuple(startCode, unitOf([1, 5], 2)), { minLength: 1, maxLength: 4 }),
  )
  .map(([parameters, slices]) =>
    Uint8Array.from([...parameters, ...slices].flatMap(([code, unit]) => [...code, ...unit])),
  );

test("H.264 comes out with the same units, whatever its start codes and its bytes are", async () => {
  const { sealer, opener } = createWay();
  await fc.assert(
    fc.asyncProperty(h264Frame, async (frame) => {
      const outcome = await sealer.seal(frame, H264);
      assert.ok(outcome.status === "sealed");
      const received = h264OverRtp(outcome.data);
      const opened = await opener.open(received, H264);
      assert.ok(opened.status === "opened", JSON.stringify(opened));
      assert.deepEqual(h264UnitsOf(opened.data), h264UnitsOf(frame));
    }),
    { numRuns: 1_500 },
  );
});

test("of H.264, parameters and the first slice's beginning are in clear, and nothing else", async () => {
  const { sealer } = createWay();
  const parameters = [0, 0, 0, 1, 0x67, 66, 1, 2, 0, 0, 0, 1, 0x68, 3, 4];
  const slice = (length: number) => [0, 0, 1, 0x65, ...Array.from({ length }, (_, at) => at + 9)];
  const outcome = await sealer.seal(
    Uint8Array.from([...parameters, ...slice(50), ...slice(70)]),
    H264,
  );
  assert.ok(outcome.status === "sealed");
  const units = h264UnitsOf(outcome.data);
  assert.deepEqual(units.slice(0, 2), [
    [0x67, 66, 1, 2],
    [0x68, 3, 4],
  ]);
  assert.equal(units.length, 3, "the second slice is within the first");
  assert.deepEqual(units[2]?.slice(0, 3), [0x65, 9, 10]);
  assert.ok(!Buffer.from(outcome.data).includes(Buffer.of(11, 12, 13, 14)));
});

test("H.264 that cannot be taken apart is refused", async () => {
  const { sealer } = createWay();
  const bad = {
    "no start code": [0x65, 1, 2, 3],
    "something before it": [9, 0, 0, 1, 0x65, 1, 2, 3],
    "no slice": [0, 0, 0, 1, 0x67, 66, 1, 2],
    "a slice that is too short": [0, 0, 0, 1, 0x65, 1],
    "an unknown unit that may hold a picture": [0, 0, 1, 0x74, 1, 2, 3, 0, 0, 1, 0x65, 1, 2, 3],
  };
  for (const [what, bytes] of Object.entries(bad)) {
    const outcome = await sealer.seal(Uint8Array.from(bytes), H264);
    assert.deepEqual(outcome, { status: "refused", cause: "malformed" }, what);
  }
});

test("a changed byte of H.264 or AV1 anywhere keeps the frame shut", async () => {
  const { sealer, opener } = createWay();
  const frames = [
    {
      codec: H264,
      frame: [0, 0, 0, 1, 0x67, 66, 1, 2, 0, 0, 0, 1, 0x65, ...Array.from({ length: 40 }, () => 7)],
    },
    {
      codec: AV1,
      frame: [0x12, 0, 0x0a, 2, 1, 1, 0x32, 20, ...Array.from({ length: 20 }, () => 7)],
    },
  ];
  for (const { codec, frame } of frames) {
    const outcome = await sealer.seal(Uint8Array.from(frame), codec);
    assert.ok(outcome.status === "sealed");
    for (let index = 0; index < outcome.data.length; index += 1) {
      for (const mask of [1, 0x20, 0xff]) {
        const changed = Uint8Array.from(outcome.data);
        changed[index] = (changed[index] ?? 0) ^ mask;
        const opened = await opener.open(changed, codec);
        assert.notEqual(opened.status, "opened", `${codec.mimeType} byte ${index}`);
      }
    }
    assert.equal((await opener.open(outcome.data, codec)).status, "opened");
  }
});

test("AV1 comes out as it went in, whatever it is", async () => {
  const { sealer, opener } = createWay();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
      const frame = Uint8Array.from(bytes);
      const outcome = await sealer.seal(frame, AV1);
      assert.ok(outcome.status === "sealed");
      const received = av1OverRtp(outcome.data);
      const opened = await opener.open(received, AV1);
      assert.ok(opened.status === "opened", JSON.stringify(opened));
      assert.deepEqual(opened.data, frame);
    }),
    { numRuns: 500 },
  );
});

test("AV1 shows a sequence header on key frames only", async () => {
  const { sealer } = createWay();
  const typesOf = async (frame: readonly number[]) => {
    const outcome = await sealer.seal(Uint8Array.from(frame), AV1);
    assert.ok(outcome.status === "sealed");
    const isKeyFrame = outcome.data[0] === 0x0a;
    assert.equal(outcome.data[isKeyFrame ? 3 : 0], 0x30);
    return isKeyFrame;
  };
  const picture = [0x32, 3, 7, 7, 7];
  assert.equal(await typesOf([0x12, 0, 0x0a, 2, 1, 1, ...picture]), true);
  assert.equal(await typesOf([0x12, 0, ...picture]), false);
  assert.equal(
    await typesOf([0x16, 0x20, 0, 0x0e, 0x20, 1, 9, ...picture]),
    true,
    "extended headers",
  );
  assert.equal(await typesOf([0x30, 0x0a, 1, 1]), false, "nothing follows an OBU without a size");
});

test("AV1's size must be that of the frame", () => {
  const frame = (...bytes: number[]) => {
    const parts = AV1.find(Uint8Array.from(bytes));
    return parts?.bytes.slice(parts.sealedAt);
  };
  assert.deepEqual(frame(0x32, 2, 7, 8), Uint8Array.of(7, 8));
  assert.deepEqual(frame(0x30, 7, 8), Uint8Array.of(7, 8));
  assert.equal(frame(0x32, 1, 7, 8), undefined);
  assert.equal(frame(0x32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), undefined);
  assert.equal(frame(0x32), undefined);
  assert.equal(frame(0x12, 0), undefined);
});
