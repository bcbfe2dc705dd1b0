import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeyRepair } from "../../../src/client/recovery/key-repair.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function repairOf() {
  const clock = new ManualClock();
  const repairs: ("missed" | "anew")[] = [];
  const stages: string[] = [];
  const repair = new KeyRepair({
    clock,
    repair: async (anew) => {
      repairs.push(anew ? "anew" : "missed");
      await Promise.resolve();
    },
  });
  repair.events.on("stage:changed", (stage) => stages.push(stage));
  return { clock, repairs, stages, repair };
}

/** Moves the time in steps, and lets attempts end in between. */
async function pass(clock: ManualClock, durationMs: number): Promise<void> {
  const stepMs = 250;
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    clock.advance(stepMs);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  }
}

describe("the repair of missing keys", () => {
  it("leaves alone what passes within a moment, as each rekey does", async () => {
    const { clock, repairs, repair } = repairOf();
    repair.update(true);
    await pass(clock, 750);
    repair.update(false);
    await pass(clock, 60_000);
    assert.deepEqual(repairs, []);
    assert.deepEqual(repair.counts, { asked: 0, rejoined: 0, succeeded: 0 });
  });

  it("asks for missed commits, and that is enough when it helps", async () => {
    const { clock, repairs, stages, repair } = repairOf();
    repair.update(true);
    await pass(clock, 1_000);
    assert.deepEqual(repairs, ["missed"]);
    repair.update(false);
    await pass(clock, 60_000);
    assert.deepEqual(repairs, ["missed"]);
    assert.deepEqual(stages, ["asking", "none"]);
    assert.deepEqual(repair.counts, { asked: 1, rejoined: 0, succeeded: 1 });
  });

  it("enters the group anew when asking did not help", async () => {
    const { clock, repairs, stages, repair } = repairOf();
    repair.update(true);
    await pass(clock, 3_500);
    assert.deepEqual(repairs, ["missed", "anew"]);
    repair.update(false);
    assert.deepEqual(stages, ["asking", "rejoining", "none"]);
    assert.equal(repair.counts.rejoined, 1);
  });

  it("does so ever more seldom while it is in vain, so that nobody can force a storm", async () => {
    const { clock, repairs, repair } = repairOf();
    repair.update(true);
    await pass(clock, 3_600_000);
    const anew = repairs.filter((each) => each === "anew").length;
    assert.ok(anew >= 8 && anew <= 14, `${anew} times in an hour`);
  });

  it("keeps its distance even if the trouble comes and goes", async () => {
    const { clock, repairs, repair } = repairOf();
    for (let round = 0; round < 20; round += 1) {
      repair.update(true);
      await pass(clock, 5_000);
      repair.update(false);
    }
    const anew = repairs.filter((each) => each === "anew").length;
    assert.ok(anew <= 10, `${anew} times in 100 s`);
  });

  it("waits for a group that is only slow, and does not enter it anew meanwhile", async () => {
    const clock = new ManualClock();
    const repairs: boolean[] = [];
    let finish = () => {};
    const repair = new KeyRepair({
      clock,
      repair: (anew) => {
        repairs.push(anew);
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    repair.update(true);
    await pass(clock, 30_000);
    assert.deepEqual(repairs, [false]);
    finish();
    await pass(clock, 2_000);
    assert.deepEqual(repairs, [false]);
    await pass(clock, 1_000);
    assert.deepEqual(repairs, [false, true]);
    // Over meanwhile: what comes of the attempt is no matter any more.
    repair.update(false);
    finish();
    await pass(clock, 60_000);
    assert.deepEqual(repairs, [false, true]);
  });

  it("leaves no timer behind", () => {
    const { clock, repair } = repairOf();
    repair.update(true);
    repair.close();
    assert.equal(clock.pending, 0);
  });
});
