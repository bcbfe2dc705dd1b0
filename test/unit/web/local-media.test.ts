import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalMedia } from "../../../src/web/state/local-media.ts";
import { DEVICES } from "../../support/web-preview/in-memory-devices.ts";
import { fakeCapture, trackOf } from "./fake-capture.ts";
import { settle } from "./settle.ts";

const BOTH = { microphone: true, camera: true };
const NO_CHOICE = { microphone: null, camera: null };

function setup(
  wanted = BOTH,
  deviceIds: Record<"microphone" | "camera", string | null> = NO_CHOICE,
) {
  const capture = fakeCapture();
  const media = new LocalMedia({ devices: capture.devices, wanted, deviceIds });
  return { ...capture, capture, media };
}

test("asks once for microphone and camera together, and lists the devices", async () => {
  const { media, devices } = setup();
  await media.start();
  assert.equal(devices.requests.length, 1);
  assert.deepEqual(Object.keys(devices.requests[0] ?? {}), ["microphone", "camera"]);
  assert.equal(media.get().microphone.status, "open");
  assert.equal(media.get().microphone.deviceId, "mic-1");
  assert.equal(media.get().camera.deviceId, "cam-1");
  assert.equal(media.get().devices.length, DEVICES.length);
});

test("opens nothing that is not wanted", async () => {
  const { media, tracks } = setup({ microphone: false, camera: false });
  await media.start();
  assert.equal(tracks.length, 0);
});

test("a muted microphone stays open but gives silence; a camera that is off is closed", async () => {
  const { media, capture } = setup();
  await media.start();
  const microphone = trackOf(capture, "Built-in microphone");
  const camera = trackOf(capture, "FaceTime camera");
  await media.toggle("microphone");
  await media.toggle("camera");
  assert.equal(microphone.enabled, false);
  assert.equal(microphone.stopped, false);
  assert.equal(camera.stopped, true);
  assert.equal(media.get().camera.track, null);
  await media.toggle("microphone");
  await media.toggle("camera");
  assert.equal(microphone.enabled, true);
  assert.equal(media.get().camera.status, "open");
});

test("a microphone that opens while muted begins disabled", async () => {
  const { media, devices, capture } = setup();
  let open = () => {};
  devices.gate = new Promise((resolve) => {
    open = resolve;
  });
  const started = media.start();
  await media.setWanted("microphone", false);
  open();
  await started;
  assert.equal(trackOf(capture, "Built-in microphone").enabled, false);
});

test("a missing camera costs neither the microphone nor the call", async () => {
  const { media, devices } = setup();
  devices.devices = DEVICES.filter(({ kind }) => kind !== "camera");
  await media.start();
  assert.equal(media.get().microphone.status, "open");
  assert.equal(media.get().camera.problem, "missing");
  assert.equal(media.get().camera.wanted, false);
});

test("a refusal is told for both without a second prompt, and can be tried again", async () => {
  const { media, devices } = setup();
  const refusal = new DOMException("Permission denied", "NotAllowedError");
  devices.refusals.set("microphone", refusal).set("camera", refusal);
  await media.start();
  assert.equal(devices.requests.length, 1);
  assert.equal(media.get().microphone.problem, "denied");
  assert.equal(media.get().camera.problem, "denied");
  devices.refusals.clear();
  await media.retry(["microphone", "camera"]);
  assert.equal(devices.requests.length, 2);
  assert.equal(media.get().microphone.status, "open");
  assert.equal(media.get().camera.status, "open");
  assert.equal(media.get().camera.problem, null);
});

test("a device that was chosen once and is gone gives way to another one", async () => {
  const { media } = setup(BOTH, { microphone: "mic-gone", camera: "cam-2" });
  await media.start();
  assert.equal(media.get().microphone.deviceId, "mic-1");
  assert.equal(media.get().camera.deviceId, "cam-2");
});

test("changing the microphone keeps the old one until the new one has come", async () => {
  const { media, devices, capture } = setup();
  await media.start();
  const old = trackOf(capture, "Built-in microphone");
  let open = () => {};
  devices.gate = new Promise((resolve) => {
    open = resolve;
  });
  const chosen = media.choose("microphone", "mic-2");
  await settle();
  assert.equal(media.get().microphone.track, old);
  assert.equal(old.stopped, false);
  open();
  await chosen;
  assert.equal(old.stopped, true);
  assert.equal(media.get().microphone.deviceId, "mic-2");
});

test("a track that comes too late is stopped", async () => {
  const { media, devices, tracks } = setup({ microphone: false, camera: true });
  let open = () => {};
  devices.gate = new Promise((resolve) => {
    open = resolve;
  });
  const started = media.start();
  await media.setWanted("camera", false);
  open();
  await started;
  assert.deepEqual(
    tracks.map(({ stopped }) => stopped),
    [true],
  );
  assert.equal(media.get().camera.status, "closed");
});

test("an unplugged device is replaced by another, and it is told", async () => {
  const { media, devices, capture } = setup();
  await media.start();
  const lost: unknown[] = [];
  media.events.on("input:lost", (event) => lost.push(event));
  devices.replug(DEVICES.filter(({ deviceId }) => deviceId !== "cam-1"));
  trackOf(capture, "FaceTime camera").unplug();
  await settle();
  assert.deepEqual(lost, [{ kind: "camera", replacement: "Desk camera" }]);
  assert.equal(media.get().camera.deviceId, "cam-2");
  assert.equal(media.get().devices.length, DEVICES.length - 1);
});

test("the last camera unplugged is told as lost, and is off", async () => {
  const { media, devices, capture } = setup();
  await media.start();
  const lost: unknown[] = [];
  media.events.on("input:lost", (event) => lost.push(event));
  media.events.on("input:failed", (event) => lost.push(event));
  devices.replug(DEVICES.filter(({ kind }) => kind !== "camera"));
  trackOf(capture, "FaceTime camera").unplug();
  await settle();
  assert.deepEqual(lost, [{ kind: "camera", replacement: null }]);
  assert.equal(media.get().camera.wanted, false);
});

test("the end stops all tracks and listens to nothing more", async () => {
  const { media, devices, tracks } = setup();
  await media.start();
  media.close();
  assert.ok(tracks.every(({ stopped }) => stopped));
  assert.equal(devices.listeners, 0);
});
