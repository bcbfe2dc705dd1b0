import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Metrics } from "../../../src/observability/index.ts";
import { exportTurnMetrics } from "../../../src/server/metrics/turn-metrics.ts";
import { TurnCounters } from "../../../src/turn/turn-stats.ts";

const page = readFileSync(new URL("../../../docs/turn.md", import.meta.url), "utf8");

function exposed(counters: TurnCounters): Promise<{ text: string }> {
  const metrics = new Metrics();
  const stats = () => ({ running: true, restarts: 2, ...counters.snapshot() });
  exportTurnMetrics(metrics, { stats });
  return metrics.exposition();
}

test("the relay's figures are counters where they only grow, and gauges elsewhere", async () => {
  const counters = new TurnCounters();
  counters.gauge("relayPorts", 1);
  counters.total("bytesToClients", 1_200);
  counters.refused("capacity");
  const { text } = await exposed(counters);
  for (const line of [
    /^aparte_turn_up 1$/m,
    /^aparte_turn_current\{what="relayPorts"\} 1$/m,
    /^aparte_turn_restarts_total 2$/m,
    /^aparte_turn_bytes_total\{direction="to-clients"\} 1200$/m,
    /^aparte_turn_refusals_total\{reason="capacity"\} 1$/m,
  ]) {
    assert.match(text, line);
  }
  for (const [, name = "", type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    assert.equal(type, name.endsWith("_total") ? "counter" : "gauge", name);
  }
});

test("docs/turn.md names each figure of the relay", async () => {
  const { text } = await exposed(new TurnCounters());
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
  assert.ok(names.length > 8);
  assert.deepEqual(
    names.filter((name) => !page.includes(`| \`${name}\` `)),
    [],
  );
});
