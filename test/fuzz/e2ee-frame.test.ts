import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { unpackAudio } from "../../src/e2ee/frame/audio-payload.ts";
import { codecOf, SEALABLE_MIME_TYPES } from "../../src/e2ee/frame/codecs.ts";
import { FrameError } from "../../src/e2ee/frame/frame-error.ts";
import { FrameOpener } from "../../src/e2ee/frame/frame-opener.ts";
import { FrameSealer } from "../../src/e2ee/frame/frame-sealer.ts";
import { decodeHeader } from "../../src/e2ee/frame/header.ts";
import { decodeKeyId } from "../../src/e2ee/frame/key-id.ts";
import { Keyring } from "../../src/e2ee/frame/keyring.ts";
import { nalUnitsOf } from "../../src/e2ee/frame/nal-units.ts";
import { opusDurationSamples } from "../../src/e2ee/frame/opus-packet.ts";
import { ReceivedAudio } from "../../src/e2ee/worker/audio-history.ts";
import { parseTransformTarget } from "../../src/e2ee/worker/transform-target.ts";
import { epochKeysOf, vp8Frame } from "../unit/e2ee/frame/roster.ts";
import { h264UnitsOf } from "../unit/e2ee/frame/rtp-journey.ts";

/** The same inputs in each run: a failure is found again by its number alone. */
const SEED = 9605;
const RUNS = 20_000;
const FRAME_RUNS = 3_000;

test("any bytes are a header or malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), fc.nat(30), (bytes, offset) => {
      try {
        const header = decodeHeader(bytes, offset);
        assert.ok(header.byteLength >= 1 && offset + header.byteLength <= bytes.length);
        const parts = decodeKeyId(Number(header.keyId));
        assert.ok(parts === undefined || parts.leafIndex < 65_536);
      } catch (error) {
        assert.ok(error instanceof FrameError && error.code === "malformed", String(error));
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("any bytes are padded audio or malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { length } = bytes;
      try {
        assert.ok(unpackAudio(Uint8Array.from(bytes).buffer).frame.length < length);
      } catch (error) {
        assert.ok(error instanceof FrameError && error.code === "malformed", String(error));
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("any value is a transform's target or none", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const target = parseTransformTarget(value);
      assert.ok(target === undefined || typeof target.id === "string");
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("no bytes that nobody sealed open, for any codec", async () => {
  const keyring = new Keyring();
  keyring.setEpoch(epochKeysOf("bob", 1));
  const openers = (["microphone", "camera"] as const).map(
    (source) => new FrameOpener(keyring, { participantId: "alice", source }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 120 }),
      fc.constantFrom(...SEALABLE_MIME_TYPES),
      async (bytes, mimeType) => {
        for (const opener of openers) {
          const outcome = await opener.open(Uint8Array.from(bytes), codecOf(mimeType));
          assert.notEqual(outcome.status, "opened");
        }
      },
    ),
    { seed: SEED, numRuns: FRAME_RUNS },
  );
  keyring.close("fuzzed");
});

/** Bytes as H.264 and AV1 have them, whole and broken: most others end at the first look. */
const shaped = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        [0, 0, 1],
        [0, 0, 0, 1],
        [0x67, 66, 1],
        [0x65, 9, 9],
        [0x41, 9, 9],
        [0, 0, 3],
      ),
      fc.constantFrom([0x0a, 1, 0], [0x30], [0x32], [0x12, 0], [0x80], [0xff, 0xff, 0xff, 0xff]),
      fc.uint8Array({ maxLength: 12 }).map((bytes) => [...bytes]),
    ),
    { maxLength: 16 },
  )
  .map((pieces) => Uint8Array.from(pieces.flat()));

test("any bytes are taken apart within their bounds, or not at all", () => {
  for (const mimeType of SEALABLE_MIME_TYPES) {
    const codec = codecOf(mimeType);
    fc.assert(
      fc.property(shaped, (bytes) => {
        const parts = codec?.find(bytes);
        if (parts === undefined) return;
        assert.ok(parts.sealedAt >= 0 && parts.sealedAt <= parts.bytes.length);
        assert.ok(parts.clear.length <= parts.clear.bytes.length);
        assert.ok(parts.clear.length <= 0xffff, "its number takes two bytes");
      }),
      { seed: SEED, numRuns: RUNS / 4 },
    );
  }
});

test("what an encoder may hand over is sealed or refused, never thrown at it", async () => {
  const keyring = new Keyring();
  keyring.setEpoch(epochKeysOf("alice", 1));
  const sealers = {
    audio: new FrameSealer(keyring, "microphone"),
    video: new FrameSealer(keyring, "camera"),
  };
  await fc.assert(
    fc.asyncProperty(shaped, fc.constantFrom(...SEALABLE_MIME_TYPES), async (bytes, mimeType) => {
      const codec = codecOf(mimeType);
      const outcome = await sealers[codec?.kind ?? "video"].seal(bytes, codec);
      assert.ok(outcome.status === "sealed" || outcome.cause === "malformed", outcome.status);
    }),
    { seed: SEED, numRuns: FRAME_RUNS },
  );
  keyring.close("fuzzed");
});

test("any bytes have NAL units in order and within them", () => {
  fc.assert(
    fc.property(shaped, (bytes) => {
      let from = 0;
      for (const { start, end, type } of nalUnitsOf(bytes)) {
        assert.ok(start > from && end > start && end <= bytes.length);
        assert.ok(type >= 0 && type < 32);
        from = end;
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("any bytes sound for a time that Opus can, or for none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      const samples = opusDurationSamples(bytes);
      // 63 frames of 60 ms: more than RFC 6716 allows, and all that the two bytes can say.
      assert.ok(samples >= 0 && samples <= 63 * 60 * 48 && Number.isInteger(samples));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("whatever RTP timestamps and sizes a server invents, no sound is put in twice", () => {
  const timestamp = fc.oneof(
    fc.constantFrom(0, 960, 1_920, 2_880, 2 ** 32 - 960, 2 ** 32 - 1),
    fc.nat(2 ** 32 - 1),
  );
  const previous = fc.option(
    fc.constantFrom(Uint8Array.of(0xf8), Uint8Array.of(0x08), Uint8Array.of()),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(timestamp, previous), { maxLength: 60 }), (arrivals) => {
      const received = new ReceivedAudio();
      const played = new Map<number, number>();
      const play = (at: number) => played.set(at, (played.get(at) ?? 0) + 1);
      const came = new Set<number>();
      for (const [at, before] of arrivals) {
        const isNew = received.isNew(at);
        // The browser's own jitter buffer drops what the network has doubled.
        if (isNew && !came.has(at)) play(at);
        came.add(at);
        const gap = before === null ? undefined : received.gapBefore(at, before);
        if (gap !== undefined) {
          assert.ok(!came.has(gap), "what has come is not missing");
          play(gap);
        }
      }
      for (const [at, times] of played) assert.equal(times, 1, `${at} sounds ${times} times`);
    }),
    { seed: SEED, numRuns: RUNS / 4 },
  );
});

/** Bytes cut out, doubled or changed within a real frame. */
const mutation = fc.record({
  kind: fc.constantFrom("change", "cut", "insert", "end"),
  at: fc.nat(400),
  length: fc.integer({ min: 1, max: 20 }),
  byte: fc.integer({ min: 1, max: 255 }),
});
const picture = Array.from({ length: 60 }, (_, index) => (index * 7) & 0x7f);
/** A frame of each codec, of the sort that shows most of itself. */
const frames = [
  { source: "microphone", mimeType: "audio/opus", frame: Uint8Array.from([0x78, ...picture]) },
  { source: "camera", mimeType: "video/vp8", frame: vp8Frame(90, true) },
  { source: "camera", mimeType: "video/vp8", frame: vp8Frame(90, false) },
  { source: "screen", mimeType: "video/vp9", frame: Uint8Array.from(picture) },
  {
    source: "camera",
    mimeType: "video/h264",
    frame: Uint8Array.from([0, 0, 0, 1, 0x67, 66, 1, 2, 0, 0, 1, 0x65, 9, 9, ...picture]),
  },
  {
    source: "screen",
    mimeType: "video/av1",
    frame: Uint8Array.from([0x0a, 1, 9, 0x30, ...picture]),
  },
] as const;

test("no mutation of a sealed frame of any codec opens, and the frame itself still does", async () => {
  const [alice, bob] = [new Keyring(), new Keyring()];
  alice.setEpoch(epochKeysOf("alice", 1));
  bob.setEpoch(epochKeysOf("bob", 1));
  for (const { source, mimeType, frame } of frames) {
    const sealer = new FrameSealer(alice, source);
    const opener = new FrameOpener(bob, { participantId: "alice", source });
    const codec = codecOf(mimeType);
    await fc.assert(
      fc.asyncProperty(mutation, async (change) => {
        const outcome = await sealer.seal(frame, codec);
        assert.ok(outcome.status === "sealed");
        const mutated = mutate(outcome.data, change);
        const opened = await opener.open(mutated, codec);
        // How start codes are written is no part of an H.264 frame: packets do not even have them.
        if (opened.status === "opened" && mimeType === "video/h264") {
          assert.deepEqual(h264UnitsOf(mutated), h264UnitsOf(outcome.data));
          assert.deepEqual(opened.data, frame);
          return;
        }
        assert.notEqual(opened.status, "opened", `${mimeType} ${JSON.stringify(change)}`);
        assert.equal((await opener.open(outcome.data, codec)).status, "opened");
      }),
      { seed: SEED, numRuns: FRAME_RUNS / 4 },
    );
  }
  alice.close("fuzzed");
  bob.close("fuzzed");
});

function mutate(
  frame: Uint8Array,
  { kind, at, length, byte }: { kind: string; at: number; length: number; byte: number },
): Uint8Array<ArrayBuffer> {
  const bytes = [...frame];
  const index = at % bytes.length;
  if (kind === "change") bytes[index] = (bytes[index] ?? 0) ^ byte;
  else if (kind === "cut") bytes.splice(index, length);
  else if (kind === "insert") bytes.splice(index, 0, ...Array.from({ length }, () => byte));
  else bytes.length = index;
  return Uint8Array.from(bytes);
}
