import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalMedia } from "../../../src/web/state/local-media.ts";
import { LocalSender } from "../../../src/web/state/local-sender.ts";
import { InMemoryCall } from "../../support/web-preview/in-memory-call.ts";
import { fakeCapture } from "./fake-capture.ts";
import { settle } from "./settle.ts";

const NOTHING = {
  microphone: { track: null, muted: false },
  camera: { track: null, muted: false },
};

async function setup(wanted: Record<"microphone" | "camera", boolean>) {
  const { devices } = fakeCapture();
  const media = new LocalMedia({
    devices,
    wanted,
    deviceIds: { microphone: null, camera: null },
  });
  await media.start();
  const call = new InMemoryCall();
  let refusals = 0;
  const sender = new LocalSender(call, media, NOTHING, () => {
    refusals += 1;
  });
  await settle();
  return { media, devices, call, sender, refusals: () => refusals };
}

test("sends what is open, and nothing twice", async () => {
  const { call } = await setup({ microphone: true, camera: true });
  assert.deepEqual(call.log, ["microphone Built-in microphone", "camera FaceTime camera"]);
});

test("what the call was given at the join is not sent again", async () => {
  const { devices } = fakeCapture();
  const media = new LocalMedia({
    devices,
    wanted: { microphone: true, camera: true },
    deviceIds: { microphone: null, camera: null },
  });
  await media.start();
  const { microphone, camera } = media.get();
  const call = new InMemoryCall();
  const sent = {
    microphone: { track: microphone.track, muted: false },
    camera: { track: camera.track, muted: false },
  };
  const sender = new LocalSender(call, media, sent, () => {});
  await settle();
  assert.deepEqual(call.log, []);
  sender.close();
});

test("mutes the stream of the microphone, ends the stream of the camera", async () => {
  const { call, media } = await setup({ microphone: true, camera: true });
  call.log.length = 0;
  await media.toggle("microphone");
  await media.toggle("camera");
  await settle();
  assert.deepEqual(call.log, ["microphone muted", "camera off"]);
});

test("a change of device replaces the track without an end between", async () => {
  const { call, media } = await setup({ microphone: true, camera: true });
  call.log.length = 0;
  await media.choose("camera", "cam-2");
  await media.choose("microphone", "mic-2");
  await settle();
  assert.deepEqual(call.log, [
    "camera Desk camera",
    "microphone Headset with a rather long name (1234:5678)",
  ]);
});

test("a microphone that is changed while muted stays muted", async () => {
  const { call, media } = await setup({ microphone: true, camera: false });
  await media.toggle("microphone");
  await settle();
  call.log.length = 0;
  await media.choose("microphone", "mic-2");
  await settle();
  assert.deepEqual(call.log, [
    "microphone Headset with a rather long name (1234:5678)",
    "microphone muted",
  ]);
  assert.equal(call.state.self.streams[0]?.track.enabled, false);
});

test("quick toggling ends where the person ended", async () => {
  const { call, media } = await setup({ microphone: true, camera: false });
  for (let times = 0; times < 7; times += 1) void media.toggle("microphone");
  await settle();
  assert.equal(call.state.self.streams[0]?.muted, true);
});

test("a refusal is told, and nothing is told after the end", async () => {
  const { call, media, sender, refusals } = await setup({ microphone: false, camera: true });
  call.refusal = new Error("refused");
  await media.toggle("camera");
  await settle();
  assert.equal(refusals(), 1);
  sender.close();
  await media.toggle("camera");
  await settle();
  assert.equal(refusals(), 1);
});
