import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameSealer } from "../../../../src/e2ee/frame/frame-sealer.ts";
import { Keyring } from "../../../../src/e2ee/frame/keyring.ts";
import type { EncodedFrame } from "../../../../src/e2ee/worker/encoded-frame.ts";
import { DEFAULT_WORKER_SETTINGS } from "../../../../src/e2ee/worker/messages.ts";
import { ReceiverPipeline } from "../../../../src/e2ee/worker/receiver-pipeline.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { epochKeysOf, VP8, vp8Frame } from "../frame/roster.ts";

/** A receiver of Alice's camera at Bob's, and Alice herself. */
function createCall({ bobHasKeys = true } = {}) {
  const clock = new ManualClock();
  const alice = new Keyring({ clock: new ManualClock() });
  const bob = new Keyring({ clock });
  alice.setEpoch(epochKeysOf("alice", 1));
  if (bobHasKeys) bob.setEpoch(epochKeysOf("bob", 1));
  const told: string[] = [];
  const pipeline = new ReceiverPipeline({
    target: { role: "receiver", id: "c1", participantId: "alice", source: "camera" },
    keyring: bob,
    settings: DEFAULT_WORKER_SETTINGS,
    clock,
    nowMs: () => 0,
    listener: {
      trouble: (cause) => told.push(cause),
      recovered: () => told.push("recovered"),
    },
  });
  const sealer = new FrameSealer(alice, "camera");
  const delivered: number[] = [];
  return {
    clock,
    alice,
    bob,
    pipeline,
    told,
    /** The numbers of the frames that reached the decoder, in order. */
    delivered,
    /** Seals a frame that carries its number, and gives it to the pipeline. */
    async send(number: number): Promise<EncodedFrame> {
      const frame = await this.seal(number);
      await this.push(frame);
      return frame;
    },
    async seal(number: number): Promise<EncodedFrame> {
      const plain = vp8Frame(100, false);
      plain[50] = number;
      const outcome = await sealer.seal(plain, VP8);
      assert.ok(outcome.status === "sealed");
      return encodedFrame(outcome.data.buffer);
    },
    async push(frame: EncodedFrame): Promise<void> {
      await pipeline.open(frame, (opened) => {
        delivered.push(new Uint8Array(opened.data)[50] ?? -1);
      });
    },
    /** Waits until everything that was asked of the pipeline has happened. */
    async settle(): Promise<void> {
      await pipeline.open(encodedFrame(new ArrayBuffer(0)), () => {});
    },
  };
}

function encodedFrame(data: ArrayBuffer, mimeType = "video/VP8"): EncodedFrame {
  return { data, getMetadata: () => ({ mimeType }) };
}

test("frames are delivered in order and counted", async () => {
  const call = createCall();
  const frames = [await call.seal(1), await call.seal(2), await call.seal(3)];
  await Promise.all(frames.map((frame) => call.push(frame)));
  assert.deepEqual(call.delivered, [1, 2, 3]);
  assert.equal(call.pipeline.stats.opened, 3);
});

test("frames of an epoch to come wait for its keys, and nobody loses one", async () => {
  const call = createCall();
  await call.send(1);
  call.alice.setEpoch(epochKeysOf("alice", 2));
  for (const number of [2, 3, 4]) await call.send(number);
  assert.deepEqual(call.delivered, [1]);
  assert.equal(call.pipeline.stats.held, 3);
  call.clock.advance(400);
  call.bob.setEpoch(epochKeysOf("bob", 2));
  await call.send(5);
  assert.deepEqual(call.delivered, [1, 2, 3, 4, 5]);
  assert.equal(call.pipeline.stats.held, 0);
  assert.equal(call.pipeline.stats.dropped["no-key"], 0);
  call.bob.close("over");
  call.pipeline.close("over");
  assert.equal(call.clock.pending, 0);
});

test("a newcomer's first frames wait too", async () => {
  const call = createCall({ bobHasKeys: false });
  await call.send(1);
  assert.equal(call.pipeline.stats.held, 1);
  call.bob.setEpoch(epochKeysOf("bob", 1));
  await call.send(2);
  assert.deepEqual(call.delivered, [1, 2]);
});

test("a frame that waits for too long is dropped, each by its own arrival", async () => {
  const call = createCall();
  call.alice.setEpoch(epochKeysOf("alice", 2));
  await call.send(1);
  call.clock.advance(300);
  await call.send(2);
  call.clock.advance(200);
  assert.equal(call.pipeline.stats.dropped["no-key"], 1);
  assert.equal(call.pipeline.stats.held, 1);
  call.bob.setEpoch(epochKeysOf("bob", 2));
  await call.settle();
  assert.deepEqual(call.delivered, [2]);
});

test("no more frames wait than the limit; the oldest give way", async () => {
  const call = createCall();
  call.alice.setEpoch(epochKeysOf("alice", 2));
  for (let number = 0; number < 70; number += 1) await call.send(number);
  assert.equal(call.pipeline.stats.held, 64);
  assert.equal(call.pipeline.stats.dropped["no-key"], 6);
  call.bob.setEpoch(epochKeysOf("bob", 2));
  await call.settle();
  assert.deepEqual(
    call.delivered,
    Array.from({ length: 64 }, (_, index) => index + 6),
  );
});

test("injected frames of unknown epochs don't hold up the real ones", async () => {
  const call = createCall();
  const stranger = createCall();
  stranger.alice.setEpoch(epochKeysOf("alice", 7));
  const injected = await stranger.send(99);
  await call.push(injected);
  assert.equal(call.pipeline.stats.held, 1);
  await call.send(1);
  assert.deepEqual(call.delivered, [1]);
});

test("trouble is told after some frames in a row, and its end", async () => {
  const call = createCall();
  call.bob.setEpoch(epochKeysOf("bob", 2, 50));
  call.alice.setEpoch(epochKeysOf("alice", 2, 60));
  for (let number = 0; number < 4; number += 1) await call.send(number);
  assert.deepEqual(call.told, []);
  for (let number = 0; number < 8; number += 1) await call.send(number);
  assert.deepEqual(call.told, ["tampered"], "once for each cause");
  call.alice.setEpoch(epochKeysOf("alice", 3, 70));
  call.bob.setEpoch(epochKeysOf("bob", 3, 70));
  await call.send(1);
  await call.send(2);
  assert.deepEqual(call.told, ["tampered", "recovered"]);
});

test("a newcomer is told of no trouble while others go on with the epoch before", async () => {
  const call = createCall({ bobHasKeys: false });
  call.bob.setEpoch(epochKeysOf("bob", 2));
  for (let number = 0; number < 20; number += 1) await call.send(number);
  call.clock.advance(9_000);
  for (let number = 0; number < 20; number += 1) await call.send(number);
  assert.deepEqual(call.told, []);
  assert.equal(call.pipeline.stats.dropped["earlier-epoch"], 40);
  assert.equal(call.pipeline.stats.held, 0, "they wait for nothing");
  call.alice.setEpoch(epochKeysOf("alice", 2));
  await call.send(7);
  assert.deepEqual(call.delivered, [7]);
});

test("who goes on with an epoch that is over for good is in trouble of their own kind", async () => {
  const call = createCall();
  call.bob.setEpoch(epochKeysOf("bob", 2));
  call.clock.advance(10_000);
  for (let number = 0; number < 5; number += 1) await call.send(number);
  assert.deepEqual(call.told, [], "the keys could still come");
  call.clock.advance(500);
  assert.deepEqual(call.told, ["wrong-epoch"]);
  assert.equal(call.pipeline.stats.dropped["wrong-epoch"], 5);
  call.alice.setEpoch(epochKeysOf("alice", 2));
  await call.send(7);
  assert.deepEqual(call.told, ["wrong-epoch", "recovered"]);
});

test("replayed frames are counted and nothing more", async () => {
  const call = createCall();
  const plain = vp8Frame(100, false);
  const outcome = await new FrameSealer(call.alice, "camera").seal(plain, VP8);
  assert.ok(outcome.status === "sealed");
  for (let copy = 0; copy < 20; copy += 1)
    await call.push(encodedFrame(outcome.data.slice().buffer));
  assert.equal(call.delivered.length, 1);
  assert.equal(call.pipeline.stats.dropped.replayed, 19);
  assert.deepEqual(call.told, []);
});

test("a codec that isn't known, or isn't told, opens nothing", async () => {
  const call = createCall();
  await call.push(encodedFrame(new ArrayBuffer(80), "video/H265"));
  await call.push({ data: new ArrayBuffer(80), getMetadata: () => ({}) });
  assert.equal(call.pipeline.stats.dropped["unknown-codec"], 2);
});

test("after closing nothing is delivered, and nothing stays behind", async () => {
  const call = createCall();
  call.alice.setEpoch(epochKeysOf("alice", 2));
  await call.send(1);
  call.pipeline.close("gone");
  assert.equal(call.clock.pending, 0);
  call.bob.setEpoch(epochKeysOf("bob", 2));
  await assert.rejects(call.settle(), { code: "closed" });
  assert.deepEqual(call.delivered, []);
  call.bob.close("over");
});
