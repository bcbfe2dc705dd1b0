import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../src/lib/clock.ts";

test("the system's clock tells the time, and calls back until it is told not to", async () => {
  assert.ok(Math.abs(systemClock.now() - Date.now()) < 1_000);
  const cancelled = systemClock.after(1, () => assert.fail("was cancelled"));
  cancelled();
  let ticks = 0;
  await new Promise<void>((resolve) => {
    const end = systemClock.every(1, () => {
      ticks += 1;
      if (ticks < 3) return;
      end();
      systemClock.after(5, resolve);
    });
  });
  assert.equal(ticks, 3);
});
