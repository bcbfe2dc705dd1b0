import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaTotals } from "../../../loadtest/coordinator/media-totals.ts";
import { EngineCounters } from "../../../loadtest/engine/engine-counters.ts";
import type { AgentStats } from "../../../loadtest/link/messages.ts";
import { Histogram } from "../../../loadtest/statistics/histogram.ts";

function statsOf(packetsReceived: number, intervalMs: number): AgentStats {
  const engine = { ...new EngineCounters().take(0), packetsReceived, intervalMs, cpuUs: 500_000 };
  return {
    engine,
    cpuUs: 250_000,
    memoryBytes: 0,
    runQueueWaitUs: null,
    loopDelayUs: new Histogram().toJSON(),
  };
}

test("each agent's rate is by its own time, whenever it reports", () => {
  const totals = new MediaTotals();
  totals.add(0, statsOf(1_000, 1_000));
  totals.add(1, statsOf(500, 1_000));
  assert.equal(totals.row().packetsInPerS, 1_500);
  assert.equal(totals.row().generatorCores, 1.5);
  // One that was late tells of two seconds at once.
  totals.add(0, statsOf(2_000, 2_000));
  assert.equal(totals.row().packetsInPerS, 1_500);
  assert.equal(totals.agents, 2);
  totals.clear();
  assert.equal(totals.row().packetsInPerS, 0);
});

test("what a cut took is told after it, and is never more than all", () => {
  const totals = new MediaTotals();
  const stats = statsOf(1, 1_000);
  totals.add(0, { ...stats, engine: { ...stats.engine, packetsExpected: 10, packetsLost: 13 } });
  assert.equal(totals.row().lossPercent, 100);
});
