import assert from "node:assert/strict";
import { test } from "node:test";
import { Keyring } from "../../../../src/e2ee/frame/keyring.ts";
import type { EncodedFrame } from "../../../../src/e2ee/worker/encoded-frame.ts";
import { DEFAULT_WORKER_SETTINGS } from "../../../../src/e2ee/worker/messages.ts";
import { ReceiverPipeline } from "../../../../src/e2ee/worker/receiver-pipeline.ts";
import { SenderPipeline } from "../../../../src/e2ee/worker/sender-pipeline.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { epochKeysOf } from "../frame/roster.ts";

const SAMPLES = 960;
const SOURCE = { source: "microphone" } as const;

class AudioFrame implements EncodedFrame {
  data: ArrayBuffer;
  readonly #rtpTimestamp: number;

  constructor(data: ArrayBuffer, rtpTimestamp: number) {
    this.data = data;
    this.#rtpTimestamp = rtpTimestamp;
  }

  getMetadata() {
    return { mimeType: "audio/opus", rtpTimestamp: this.#rtpTimestamp };
  }
}

/** Alice's microphone from her encoder to Bob's decoder, with packets that the test loses. */
function createWay({ takesMadeFrames = true } = {}) {
  const [alice, bob] = [new Keyring(), new Keyring()];
  alice.setEpoch(epochKeysOf("alice", 1));
  bob.setEpoch(epochKeysOf("bob", 1));
  const sender = new SenderPipeline({ role: "sender", id: "s1", ...SOURCE }, alice, () => 0);
  const receiver = new ReceiverPipeline({
    target: { role: "receiver", id: "c1", participantId: "alice", ...SOURCE },
    keyring: bob,
    settings: DEFAULT_WORKER_SETTINGS,
    clock: new ManualClock(),
    nowMs: () => 0,
    listener: { trouble: () => {}, recovered: () => {} },
    makeAudioFrame: takesMadeFrames
      ? (_frame, data, rtpTimestamp) => new AudioFrame(data, rtpTimestamp)
      : undefined,
  });
  const heard: string[] = [];
  return {
    receiver,
    /** `number at timestamp` of each frame that reached the decoder. */
    heard,
    /** Opus, hybrid, full band, 20 ms: 80 bytes that carry their number. */
    async seal(number: number, at = number): Promise<EncodedFrame> {
      const packet = new Uint8Array(80).fill(number);
      packet[0] = 15 << 3;
      const frame = new AudioFrame(packet.buffer, at * SAMPLES);
      assert.ok(await sender.seal(frame));
      return frame;
    },
    async receive(frame: EncodedFrame): Promise<void> {
      await receiver.open(frame, (opened) => {
        const at = (opened.getMetadata().rtpTimestamp ?? 0) / SAMPLES;
        heard.push(`${new Uint8Array(opened.data)[1]} at ${at}`);
      });
    },
    close() {
      alice.close("tested");
      bob.close("tested");
    },
  };
}

test("a lost frame is heard by way of its successor, and two lost in a row by half", async () => {
  const way = createWay();
  for (let number = 1; number <= 10; number += 1) {
    const frame = await way.seal(number);
    if (![4, 7, 8].includes(number)) await way.receive(frame);
  }
  const expected = [1, 2, 3, 4, 5, 6, 8, 9, 10].map((number) => `${number} at ${number}`);
  assert.deepEqual(way.heard, expected);
  assert.equal(way.receiver.stats.repaired, 2);
  assert.equal(way.receiver.stats.opened, 7);
  way.close();
});

test("a frame that comes late is heard once", async () => {
  const way = createWay();
  const frames = [];
  for (let number = 1; number <= 5; number += 1) frames.push(await way.seal(number));
  const [first, second, third, fourth, fifth] = frames;
  assert.ok(first && second && third && fourth && fifth);
  for (const frame of [first, second, fourth, third, fifth]) await way.receive(frame);
  assert.deepEqual(way.heard, ["1 at 1", "2 at 2", "3 at 3", "4 at 4", "5 at 5"]);
  way.close();
});

test("after a pause the last frame before it is not repeated", async () => {
  const way = createWay();
  for (const [number, at] of [
    [1, 1],
    [2, 2],
    [3, 50],
    [4, 51],
  ] as const) {
    await way.receive(await way.seal(number, at));
  }
  assert.deepEqual(way.heard, ["1 at 1", "2 at 2", "3 at 50", "4 at 51"]);
  way.close();
});

test("where the browser takes no made frames, nothing is put in and late frames are heard", async () => {
  const way = createWay({ takesMadeFrames: false });
  const frames = [];
  for (let number = 1; number <= 4; number += 1) frames.push(await way.seal(number));
  const [first, second, third, fourth] = frames;
  assert.ok(first && second && third && fourth);
  for (const frame of [first, second, fourth, third]) await way.receive(frame);
  assert.deepEqual(way.heard, ["1 at 1", "2 at 2", "4 at 4", "3 at 3"]);
  assert.equal(way.receiver.stats.repaired, 0);
  way.close();
});
