import assert from "node:assert/strict";
import { test } from "node:test";
import type { CaptureProblem } from "../../../src/web/state/capture-problem.ts";
import { ScreenShare } from "../../../src/web/state/screen-share.ts";
import { InMemoryCall } from "../../support/web-preview/in-memory-call.ts";
import { fakeCapture, trackOf } from "./fake-capture.ts";
import { settle } from "./settle.ts";

function setup() {
  const capture = fakeCapture();
  const call = new InMemoryCall();
  const problems: CaptureProblem[] = [];
  const share = new ScreenShare(call, capture.devices, (problem) => problems.push(problem));
  return { capture, call, problems, share };
}

test("shares picture and sound, and ends both", async () => {
  const { capture, call, share } = setup();
  await share.toggle();
  assert.equal(share.get(), "on");
  assert.deepEqual(call.log, ["screen screen", "screen-audio screen-audio"]);
  await share.toggle();
  assert.equal(share.get(), "off");
  assert.deepEqual(call.log.slice(2), ["screen off", "screen-audio off"]);
  assert.ok(capture.tracks.every(({ stopped }) => stopped));
});

test("the browser's own stop ends the share", async () => {
  const { capture, call, share } = setup();
  await share.toggle();
  trackOf(capture, "screen").unplug();
  await settle();
  assert.equal(share.get(), "off");
  assert.deepEqual(call.log.slice(2), ["screen off", "screen-audio off"]);
});

test("who closes the browser's dialog is told nothing; a failure is told", async () => {
  const { capture, problems, share } = setup();
  capture.devices.refusals.set("screen", new DOMException("no", "NotAllowedError"));
  await share.toggle();
  assert.deepEqual(problems, []);
  capture.devices.refusals.set("screen", new DOMException("no", "NotReadableError"));
  await share.toggle();
  assert.deepEqual(problems, ["busy"]);
  assert.equal(share.get(), "off");
});

test("a refused stream lets go of the screen", async () => {
  const { capture, call, problems, share } = setup();
  call.refusal = new Error("refused");
  await share.toggle();
  assert.equal(share.get(), "off");
  assert.deepEqual(problems, ["unknown"]);
  assert.ok(capture.tracks.every(({ stopped }) => stopped));
});

test("a screen that is chosen after the call ended is let go at once", async () => {
  const { capture, call, share } = setup();
  let choose = () => {};
  capture.devices.gate = new Promise((resolve) => {
    choose = resolve;
  });
  const toggled = share.toggle();
  share.close();
  choose();
  await toggled;
  assert.deepEqual(call.log, []);
  assert.ok(capture.tracks.every(({ stopped }) => stopped));
});
