import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_WORKER_SETTINGS } from "../../../../src/e2ee/worker/messages.ts";
import type { HostMessage, WorkerMessage } from "../../../../src/e2ee/worker/messages.ts";
import { TransformService } from "../../../../src/e2ee/worker/transform-service.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import type { Person } from "../frame/roster.ts";
import { epochKeysOf, vp8Frame } from "../frame/roster.ts";
import { FrameWay } from "./frame-way.ts";

function createService() {
  const clock = new ManualClock();
  const messages: WorkerMessage[] = [];
  const service = new TransformService({
    clock,
    nowMs: () => clock.now(),
    post: (message) => messages.push(message),
  });
  return {
    clock,
    messages,
    service,
    configure: () => {
      service.handle({ type: "configure", settings: DEFAULT_WORKER_SETTINGS });
    },
    setEpoch: (person: Person, epoch: number, keyByte?: number) => {
      const keys = epochKeysOf(person, epoch, keyByte);
      service.handle({ type: "set-epoch", keys, options: {} });
      return keys;
    },
    stats: () => {
      service.handle({ type: "request-stats", requestId: 1 });
      const last = messages.at(-1);
      assert.ok(last?.type === "stats");
      return last;
    },
  };
}

const CAMERA = { role: "sender", id: "s1", source: "camera" } as const;
const ALICES_CAMERA = {
  role: "receiver",
  id: "c1",
  participantId: "alice",
  source: "camera",
} as const;

test("a sender's frames come to the receiver through both workers", async () => {
  const [alice, bob] = [createService(), createService()];
  alice.configure();
  bob.configure();
  alice.setEpoch("alice", 1);
  bob.setEpoch("bob", 1);
  const [sending, receiving] = [new FrameWay(), new FrameWay()];
  alice.service.attach(CAMERA, sending);
  bob.service.attach(ALICES_CAMERA, receiving);
  const frame = vp8Frame(300, true);
  await sending.write(frame.slice().buffer);
  const [sealed] = sending.out;
  assert.ok(sealed);
  assert.notDeepEqual(new Uint8Array(sealed.data), frame);
  await receiving.write(sealed.data);
  assert.deepEqual(new Uint8Array(receiving.out[0]?.data ?? new ArrayBuffer(0)), frame);
  assert.equal(alice.stats().senders[0]?.sealed, 1);
  assert.equal(bob.stats().receivers[0]?.opened, 1);
});

test("without keys nothing passes, and it is counted", async () => {
  const { service, configure, stats } = createService();
  configure();
  const way = new FrameWay();
  service.attach(CAMERA, way);
  await way.write(vp8Frame(300, true).buffer);
  assert.equal(way.out.length, 0);
  const [sender] = stats().senders;
  assert.equal(sender?.seen, 1);
  assert.equal(sender?.dropped["no-key"], 1);
});

test("a stream that comes before the settings waits for them", async () => {
  const { service, configure, setEpoch } = createService();
  const way = new FrameWay();
  service.attach(CAMERA, way);
  const writing = way.write(vp8Frame(300, true).buffer);
  assert.equal(way.out.length, 0);
  configure();
  setEpoch("alice", 1);
  await writing;
  await way.write(vp8Frame(300, true).buffer);
  assert.ok(way.out.length >= 1);
  assert.ok(way.out.every(({ data }) => data.byteLength > 300));
});

test("the worker wipes its copy of the base key", () => {
  const { configure, setEpoch } = createService();
  configure();
  assert.deepEqual(setEpoch("alice", 1).baseKey, new Uint8Array(32));
});

test("a detached sender lets nothing through any more", async () => {
  const { service, configure, setEpoch } = createService();
  configure();
  setEpoch("alice", 1);
  const way = new FrameWay();
  service.attach(CAMERA, way);
  await way.write(vp8Frame(300, true).buffer);
  assert.equal(way.out.length, 1);
  service.handle({ type: "detach", id: "s1" });
  await way.write(vp8Frame(300, true).buffer);
  assert.equal(way.out.length, 1);
});

test("a detached receiver lets nothing through any more", async () => {
  const { service, configure, setEpoch, stats } = createService();
  configure();
  setEpoch("bob", 1);
  const way = new FrameWay();
  service.attach(ALICES_CAMERA, way);
  service.handle({ type: "detach", id: "c1" });
  await way.write(vp8Frame(300, true).buffer);
  assert.equal(way.out.length, 0);
  assert.equal(stats().receivers.length, 0);
});

test("a stream that ends is forgotten; one that breaks is told of", async () => {
  const { service, configure, messages, stats } = createService();
  configure();
  const [ending, breaking] = [new FrameWay(), new FrameWay()];
  service.attach(CAMERA, ending);
  service.attach({ ...CAMERA, id: "s2" }, breaking);
  await ending.end();
  await breaking.break();
  assert.equal(stats().senders.length, 0);
  const failures = messages.filter(({ type }) => type === "stream-failed");
  assert.deepEqual(failures, [{ type: "stream-failed", id: "s2", reason: "broken" }]);
});

test("a video receiver that recovers asks for a key frame", async () => {
  const [alice, bob] = [createService(), createService()];
  alice.configure();
  bob.configure();
  alice.setEpoch("alice", 1, 1);
  bob.setEpoch("bob", 1, 2);
  const [sending, receiving] = [new FrameWay(), new FrameWay()];
  alice.service.attach(CAMERA, sending);
  bob.service.attach(ALICES_CAMERA, receiving);
  const pass = async () => {
    await sending.write(vp8Frame(100, false).buffer);
    await receiving.write(sending.out.at(-1)?.data ?? new ArrayBuffer(0));
  };
  for (let count = 0; count < 5; count += 1) await pass();
  assert.deepEqual(troublesOf(bob.messages), ["tampered"]);
  alice.setEpoch("alice", 2, 3);
  bob.setEpoch("bob", 2, 3);
  await pass();
  assert.deepEqual(troublesOf(bob.messages), ["tampered", "recovered"]);
  assert.deepEqual(receiving.asked, ["sendKeyFrameRequest"]);
});

test("a key frame is asked of the encoder it is meant for", () => {
  const { service, configure } = createService();
  configure();
  const way = new FrameWay();
  service.attach(CAMERA, way);
  service.handle({ type: "request-key-frame", id: "unknown" });
  assert.deepEqual(way.asked, []);
  service.handle({ type: "request-key-frame", id: "s1" });
  assert.deepEqual(way.asked, ["generateKeyFrame"]);
});

test("counters are told each second while there is a stream", () => {
  const { clock, messages, service, configure } = createService();
  configure();
  clock.advance(3_000);
  assert.equal(messages.length, 0);
  service.attach(CAMERA, new FrameWay());
  clock.advance(3_000);
  assert.equal(messages.filter(({ type }) => type === "stats").length, 3);
});

test("settings are taken once", () => {
  const { clock, service, configure } = createService();
  configure();
  const message: HostMessage = { type: "configure", settings: DEFAULT_WORKER_SETTINGS };
  service.handle(message);
  assert.equal(clock.pending, 1);
});

function troublesOf(messages: readonly WorkerMessage[]): string[] {
  return messages.flatMap((message) => {
    if (message.type === "receiver-trouble") return message.cause;
    return message.type === "receiver-recovered" ? "recovered" : [];
  });
}
