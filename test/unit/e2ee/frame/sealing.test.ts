import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { CIPHER_SUITES } from "../../../../src/e2ee/frame/cipher-suite.ts";
import { codecOf } from "../../../../src/e2ee/frame/codecs.ts";
import { FrameOpener } from "../../../../src/e2ee/frame/frame-opener.ts";
import { FrameSealer } from "../../../../src/e2ee/frame/frame-sealer.ts";
import { deriveFrameSecrets } from "../../../../src/e2ee/frame/key-schedule.ts";
import { Keyring } from "../../../../src/e2ee/frame/keyring.ts";
import { metadataOf } from "../../../../src/e2ee/frame/metadata.ts";
import type { OpenOutcome, SealOutcome } from "../../../../src/e2ee/frame/outcomes.ts";
import { MAX_FRAME_BYTES } from "../../../../src/e2ee/frame/outcomes.ts";
import { openSFrame, sealSFrame } from "../../../../src/e2ee/frame/sframe.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import type { Person } from "./roster.ts";
import { epochKeysOf, OPUS, VP8, vp8Frame } from "./roster.ts";

const VP9 = codecOf("video/VP9");

function keyringOf(person: Person, epoch = 1): Keyring {
  const keyring = new Keyring({ clock: new ManualClock() });
  keyring.setEpoch(epochKeysOf(person, epoch));
  return keyring;
}

function camera(keyring: Keyring): FrameOpener {
  return new FrameOpener(keyring, { participantId: "alice", source: "camera" });
}

test("frames of each codec come out as they went in", async () => {
  const [alice, bob] = [keyringOf("alice"), keyringOf("bob")];
  const cases = [
    { source: "microphone", codec: OPUS },
    { source: "screen-audio", codec: OPUS },
    { source: "camera", codec: VP8 },
    { source: "screen", codec: VP9 },
  ] as const;
  for (const { source, codec } of cases) {
    const sealer = new FrameSealer(alice, source);
    const opener = new FrameOpener(bob, { participantId: "alice", source });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 10, maxLength: 2_000 }), async (bytes) => {
        const frame = Uint8Array.from(bytes);
        const sealed = dataOf(await sealer.seal(frame, codec));
        assert.deepEqual(dataOf(await opener.open(sealed, codec)), frame);
      }),
      { numRuns: 25 },
    );
  }
});

for (const suite of Object.values(CIPHER_SUITES)) {
  test(`${suite.name}: the media path seals what the reference opens, and the other way round`, async () => {
    const keysOf = (person: Person) => ({
      ...epochKeysOf(person, 1),
      baseKey: new Uint8Array(suite.keyBytes).fill(9),
    });
    const [alice, bob] = (["alice", "bob"] as const).map((person) => {
      const keyring = new Keyring({ suite, clock: new ManualClock() });
      keyring.setEpoch(keysOf(person));
      return keyring;
    });
    assert.ok(alice && bob);
    const sealer = new FrameSealer(alice, "camera");
    const opener = camera(bob);
    const secretsOf = (keyId: bigint) => deriveFrameSecrets(suite, keyId, keysOf("alice").baseKey);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 10, maxLength: 400 }), async (bytes) => {
        const frame = Uint8Array.from(bytes);
        const sealed = dataOf(await sealer.seal(frame, VP8));
        const clear = VP8.find(sealed)?.clear ?? assert.fail("no VP8 frame");
        const metadata = metadataOf("camera", VP8, clear);
        const body = sealed.subarray(clear.length);
        const { header, plaintext } = openSFrame(suite, secretsOf, { metadata, bytes: body });
        assert.deepEqual(plaintext, frame);
        const { keyId, counter } = header;
        const again = { keyId, counter, metadata, plaintext };
        assert.deepEqual(sealSFrame(suite, secretsOf(keyId), again), Uint8Array.from(body));
        assert.deepEqual(dataOf(await opener.open(sealed, VP8)), frame);
      }),
      { numRuns: 40 },
    );
  });
}

test("what stays in clear is what the codec's table says, and the rest is not in the frame", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  for (const [isKeyFrame, clearBytes] of [
    [true, 10],
    [false, 1],
  ] as const) {
    const frame = vp8Frame(400, isKeyFrame);
    const sealed = dataOf(await sealer.seal(frame, VP8));
    assert.deepEqual(sealed.slice(0, clearBytes), frame.slice(0, clearBytes));
    const secret = Buffer.from(frame.subarray(clearBytes, clearBytes + 8));
    assert.ok(!Buffer.from(sealed).includes(secret));
  }
});

test("the reference opens what the media path sealed", async () => {
  const keys = epochKeysOf("alice", 1);
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const frame = vp8Frame(300, true);
  const sealed = dataOf(await sealer.seal(frame, VP8));
  const suite = CIPHER_SUITES[5];
  const metadata = metadataOf("camera", VP8, { bytes: sealed, length: 10 });
  const opened = openSFrame(suite, (keyId) => deriveFrameSecrets(suite, keyId, keys.baseKey), {
    metadata,
    bytes: sealed.subarray(10),
  });
  assert.deepEqual(opened.plaintext, frame);
});

test("audio frames of a voice all have one size, 21 bytes above the padded one", async () => {
  const sealer = new FrameSealer(keyringOf("bob"), "microphone");
  for (let count = 0; count < 300; count += 1) await sealer.seal(new Uint8Array(80), OPUS);
  const sizes = new Set<number>();
  for (const length of [1, 3, 40, 80, 117, 191]) {
    sizes.add(dataOf(await sealer.seal(new Uint8Array(length), OPUS)).length);
  }
  assert.deepEqual(sizes, new Set([191 + 21]));
});

test("all senders of a source share one counter, over layers and new senders", async () => {
  const alice = keyringOf("alice");
  const opener = camera(keyringOf("bob"));
  const [first, second] = [new FrameSealer(alice, "camera"), new FrameSealer(alice, "camera")];
  const frames = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? first : second).seal(vp8Frame(50, false), VP8),
    ),
  );
  for (const outcome of frames) {
    assert.equal((await opener.open(dataOf(outcome), VP8)).status, "opened");
  }
});

test("frames that are sealed and opened at the same time don't mix", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const opener = camera(keyringOf("bob"));
  const frames = Array.from({ length: 200 }, (_, index) => vp8Frame(20 + index, index % 3 === 0));
  const sealed = await Promise.all(frames.map((frame) => sealer.seal(frame, VP8)));
  const opened = await Promise.all(sealed.map((outcome) => opener.open(dataOf(outcome), VP8)));
  assert.deepEqual(opened.map(dataOf), frames);

  const speaking = new FrameSealer(keyringOf("alice"), "microphone");
  const hearing = new FrameOpener(keyringOf("bob"), {
    participantId: "alice",
    source: "microphone",
  });
  const sound = await Promise.all(frames.map((frame) => speaking.seal(frame, OPUS)));
  const heard = await Promise.all(sound.map((outcome) => hearing.open(dataOf(outcome), OPUS)));
  assert.deepEqual(heard.map(dataOf), frames);
});

test("nothing is sealed without a key, for an unknown codec, or of a wrong kind", async () => {
  const alice = keyringOf("alice");
  const sealer = new FrameSealer(alice, "camera");
  const frame = vp8Frame(50, false);
  const empty = new FrameSealer(new Keyring({ clock: new ManualClock() }), "camera");
  assert.deepEqual(causeOf(await empty.seal(frame, VP8)), "no-key");
  assert.equal(causeOf(await sealer.seal(frame, undefined)), "unknown-codec");
  assert.equal(causeOf(await sealer.seal(frame, OPUS)), "unknown-codec");
  assert.equal(causeOf(await sealer.seal(new Uint8Array(0), VP8)), "malformed");
  assert.equal(causeOf(await sealer.seal(vp8Frame(9, true), VP8)), "malformed");
  assert.equal(causeOf(await sealer.seal(new Uint8Array(MAX_FRAME_BYTES + 1), VP8)), "malformed");
  alice.close("over");
  assert.equal(causeOf(await sealer.seal(frame, VP8)), "no-key");
});

test("a changed byte anywhere, clear ones included, keeps the frame shut", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const bob = keyringOf("bob");
  for (const isKeyFrame of [true, false]) {
    const sealed = dataOf(await sealer.seal(vp8Frame(60, isKeyFrame), VP8));
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Uint8Array.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 0x20;
      assert.notEqual((await camera(bob).open(changed, VP8)).status, "opened", `byte ${index}`);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      const outcome = await camera(bob).open(sealed.slice(0, length), VP8);
      assert.notEqual(outcome.status, "opened", `${length} bytes`);
    }
    assert.equal((await camera(bob).open(sealed, VP8)).status, "opened");
  }
});

test("a changed clear byte is found as tampering", async () => {
  const sealed = dataOf(
    await new FrameSealer(keyringOf("alice"), "camera").seal(vp8Frame(60, true), VP8),
  );
  sealed[8] = (sealed[8] ?? 0) ^ 1;
  assert.equal(causeOf(await camera(keyringOf("bob")).open(sealed, VP8)), "tampered");
});

test("a frame opens once, in any order within the window", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const opener = camera(keyringOf("bob"));
  const frames = [];
  for (let index = 0; index < 8; index += 1) {
    frames.push(dataOf(await sealer.seal(vp8Frame(60, false), VP8)));
  }
  for (const frame of frames.toReversed()) {
    assert.equal((await opener.open(frame, VP8)).status, "opened");
  }
  for (const frame of frames) assert.equal(causeOf(await opener.open(frame, VP8)), "replayed");
});

test("of two openings of one frame at the same time one is refused", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const opener = camera(keyringOf("bob"));
  const sealed = dataOf(await sealer.seal(vp8Frame(60, false), VP8));
  const outcomes = await Promise.all([opener.open(sealed, VP8), opener.open(sealed, VP8)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["opened", "refused"]);
});

test("a second receiver of a stream gets what comes, and nothing again", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const bob = keyringOf("bob");
  const owner = { participantId: "alice", source: "camera" } as const;
  const first = new FrameOpener(bob, owner, 32);
  const frames = [];
  for (let index = 0; index < 100; index += 1) {
    frames.push(dataOf(await sealer.seal(vp8Frame(60, false), VP8)));
  }
  for (const frame of frames) await first.open(frame, VP8);
  const second = new FrameOpener(bob, owner, 32);
  const [past, present] = [frames[50], frames[99]];
  assert.ok(past && present);
  assert.equal(causeOf(await second.open(past, VP8)), "replayed");
  assert.equal(causeOf(await second.open(present, VP8)), "replayed");
  const next = dataOf(await sealer.seal(vp8Frame(60, true), VP8));
  assert.equal((await second.open(next, VP8)).status, "opened");
});

test("a frame of another participant is refused, and one of another source", async () => {
  const bob = keyringOf("bob");
  const mallorys = dataOf(
    await new FrameSealer(keyringOf("mallory"), "camera").seal(vp8Frame(60, false), VP8),
  );
  assert.equal(causeOf(await camera(bob).open(mallorys, VP8)), "wrong-sender");

  const screen = dataOf(
    await new FrameSealer(keyringOf("alice"), "screen").seal(vp8Frame(60, false), VP8),
  );
  assert.equal(causeOf(await camera(bob).open(screen, VP8)), "wrong-stream");
});

test("a frame passed off as another codec does not open", async () => {
  const sealed = dataOf(
    await new FrameSealer(keyringOf("alice"), "camera").seal(vp8Frame(60, false), VP9),
  );
  assert.notEqual((await camera(keyringOf("bob")).open(sealed, VP8)).status, "opened");
  assert.equal(causeOf(await camera(keyringOf("bob")).open(sealed, OPUS)), "unknown-codec");
  assert.equal(causeOf(await camera(keyringOf("bob")).open(sealed, undefined)), "unknown-codec");
});

test("who was shut out is not heard by the keys of an old epoch either", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const sealed = dataOf(await sealer.seal(vp8Frame(60, false), VP8));
  const bob = keyringOf("bob");
  bob.setEpoch(epochKeysOf("bob", 2, 3, ["bob", "mallory"]));
  assert.equal(causeOf(await camera(bob).open(sealed, VP8)), "wrong-sender");
});

test("frames of the epoch before still open after a rekey", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const sealed = dataOf(await sealer.seal(vp8Frame(60, false), VP8));
  const bob = keyringOf("bob");
  bob.setEpoch(epochKeysOf("bob", 2));
  assert.equal((await camera(bob).open(sealed, VP8)).status, "opened");
});

test("a frame of an epoch that is not here yet is left undecided", async () => {
  const sealer = new FrameSealer(keyringOf("alice", 5), "camera");
  const sealed = dataOf(await sealer.seal(vp8Frame(60, false), VP8));
  const bob = keyringOf("bob", 4);
  const opener = camera(bob);
  const unknown = { status: "unknown-epoch", cause: "no-key" };
  assert.deepEqual(await opener.open(sealed, VP8), unknown);
  bob.setEpoch(epochKeysOf("bob", 5));
  assert.equal((await opener.open(sealed, VP8)).status, "opened");
});

test("a frame from before the receiver came is told from one of an epoch to come", async () => {
  const [earlier, later] = await Promise.all(
    [4, 6].map((epoch) =>
      new FrameSealer(keyringOf("alice", epoch), "camera").seal(vp8Frame(60, false), VP8),
    ),
  );
  const opener = camera(keyringOf("bob", 5));
  assert.ok(earlier && later);
  assert.equal(causeOf(await opener.open(dataOf(earlier), VP8)), "earlier-epoch");
  const ahead = { status: "unknown-epoch", cause: "no-key" };
  assert.deepEqual(await opener.open(dataOf(later), VP8), ahead);
});

test("a sender who goes on with an epoch that is long over is told from one who is ahead", async () => {
  const clock = new ManualClock();
  const bob = new Keyring({ clock, oldEpochLifetimeMs: 10_000 });
  bob.setEpoch(epochKeysOf("bob", 4));
  bob.setEpoch(epochKeysOf("bob", 5));
  clock.advance(10_000);
  const outcomes: OpenOutcome[] = [];
  for (const epoch of [4, 3, 6]) {
    const sealer = new FrameSealer(keyringOf("alice", epoch), "camera");
    outcomes.push(await camera(bob).open(dataOf(await sealer.seal(vp8Frame(60, false), VP8)), VP8));
  }
  assert.deepEqual(
    outcomes.map((outcome) => causeOf(outcome)),
    ["wrong-epoch", "wrong-epoch", "no-key"],
  );
});

test("the same epoch of a group with another key opens nothing", async () => {
  const sealer = new FrameSealer(keyringOf("alice"), "camera");
  const sealed = dataOf(await sealer.seal(vp8Frame(60, false), VP8));
  const bob = new Keyring({ clock: new ManualClock() });
  bob.setEpoch(epochKeysOf("bob", 1, 99));
  assert.equal(causeOf(await camera(bob).open(sealed, VP8)), "tampered");
});

test("frames that nobody sealed do not open", async () => {
  const opener = camera(keyringOf("bob"));
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      assert.notEqual((await opener.open(Uint8Array.from(bytes), VP8)).status, "opened");
    }),
  );
  const huge = new Uint8Array(MAX_FRAME_BYTES + 1);
  assert.equal(causeOf(await opener.open(huge, VP8)), "malformed");
});

function dataOf(outcome: SealOutcome | OpenOutcome): Uint8Array<ArrayBuffer> {
  assert.ok("data" in outcome, JSON.stringify(outcome));
  return outcome.data;
}

function causeOf(outcome: SealOutcome | OpenOutcome): string {
  assert.ok("cause" in outcome, JSON.stringify(outcome));
  return outcome.cause;
}
