import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { updateDelayMs } from "../../../src/client/group/update-delay.ts";

const INTERVAL_MS = 300_000;

describe("the next renewal of a leaf", () => {
  it("comes after the interval, more or less, at any size", () => {
    for (const members of [1, 2, 50, 300]) {
      assert.equal(updateDelayMs(INTERVAL_MS, members, false, 0), 0.75 * INTERVAL_MS);
      assert.equal(updateDelayMs(INTERVAL_MS, members, false, 1), 1.25 * INTERVAL_MS);
    }
  });

  it("is never put off for good: a thousand renew theirs within minutes too", () => {
    assert(updateDelayMs(INTERVAL_MS, 1_024, false, 1) < 25 * 60_000);
    // One commit a second in all, whatever the size.
    const perSecond = 1_000 / (updateDelayMs(INTERVAL_MS, 1_000, false, 0.5) / 1_000);
    assert(perSecond > 0.9 && perSecond < 1.1);
  });

  it("is at any moment the first time", () => {
    assert.equal(updateDelayMs(INTERVAL_MS, 10, true, 0), 0);
    assert.equal(updateDelayMs(INTERVAL_MS, 10, true, 1), INTERVAL_MS);
  });
});
