import assert from "node:assert/strict";
import { test } from "node:test";
import { ShownSizes } from "../../../src/web/state/shown-sizes.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { InMemoryCall } from "../../support/web-preview/in-memory-call.ts";

function setup() {
  const call = new InMemoryCall();
  const clock = new ManualClock();
  return { call, clock, sizes: new ShownSizes(call, clock) };
}

test("what appears is told at once, rounded up", () => {
  const { call, sizes } = setup();
  sizes.report("ada", "camera", { width: 630.5, height: 354 });
  assert.deepEqual(call.shown, [["ada", "camera", { width: 640, height: 384 }]]);
});

test("a drag of the window is told once, when it rests", () => {
  const { call, clock, sizes } = setup();
  sizes.report("ada", "camera", { width: 320, height: 192 });
  for (let width = 320; width <= 960; width += 16) {
    sizes.report("ada", "camera", { width, height: 192 });
  }
  clock.advance(200);
  assert.deepEqual(call.shown.slice(1), [["ada", "camera", { width: 960, height: 192 }]]);
  assert.equal(clock.pending, 0);
});

test("scrolled away and back within a moment costs nothing; back after it is asked at once", () => {
  const { call, clock, sizes } = setup();
  const size = { width: 320, height: 192 };
  sizes.report("ada", "camera", size);
  sizes.report("ada", "camera", null);
  sizes.report("ada", "camera", size);
  clock.advance(200);
  assert.equal(call.shown.length, 1);
  sizes.report("ada", "camera", null);
  clock.advance(200);
  assert.deepEqual(call.shown.at(-1), ["ada", "camera", null]);
  sizes.report("ada", "camera", size);
  assert.deepEqual(call.shown.at(-1), ["ada", "camera", size]);
});

test("not in view from the beginning is told too", () => {
  const { call, sizes } = setup();
  sizes.report("ada", "camera", null);
  assert.deepEqual(call.shown, [["ada", "camera", null]]);
});

test("a stream that leaves the page is no longer shown; one of somebody gone is not mentioned", () => {
  const { call, sizes } = setup();
  const size = { width: 320, height: 192 };
  sizes.report("ada", "camera", size);
  sizes.report("bob", "camera", size);
  sizes.keepOnly(new Set(["ada"]));
  sizes.withdraw("ada", "camera");
  sizes.withdraw("bob", "camera");
  assert.deepEqual(call.shown.slice(2), [["ada", "camera", null]]);
});

test("the end leaves no timer", () => {
  const { clock, sizes } = setup();
  sizes.report("ada", "camera", { width: 320, height: 192 });
  sizes.report("ada", "camera", { width: 640, height: 192 });
  sizes.close();
  assert.equal(clock.pending, 0);
});
