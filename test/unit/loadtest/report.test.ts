import assert from "node:assert/strict";
import { test } from "node:test";
import { EpochWatch } from "../../../loadtest/coordinator/epoch-watch.ts";
import { createHistograms, histogramData } from "../../../loadtest/coordinator/histograms.ts";
import { thisMachine } from "../../../loadtest/link/machine.ts";
import { compareRuns, comparisonText } from "../../../loadtest/report/comparison.ts";
import { htmlReport } from "../../../loadtest/report/html/html-report.ts";
import { LiveOutput } from "../../../loadtest/report/live-output.ts";
import { junitReport } from "../../../loadtest/report/junit.ts";
import type { RunResult } from "../../../loadtest/report/run-result.ts";
import { resultTable } from "../../../loadtest/report/table.ts";
import { parseScenario } from "../../../loadtest/scenario/load-scenario.ts";
import { parseServerMetrics } from "../../../loadtest/service/server-metrics.ts";
import { Histogram } from "../../../loadtest/statistics/histogram.ts";
import { SAMPLE } from "../../support/load-sample.ts";

function resultWith(change: Partial<RunResult>): RunResult {
  const histograms = createHistograms();
  for (const value of [1_000, 2_000, 30_000]) histograms.audioLatency.record(value);
  return {
    format: "aparte-loadtest-1",
    scenario: parseScenario("name: small\nparticipants: 2\n", "small.yaml"),
    target: "http://127.0.0.1:1",
    startedAt: "2026-01-01T00:00:00.000Z",
    elapsedS: 2,
    version: "1.0.0",
    machine: thisMachine(),
    agents: [],
    sealed: true,
    interrupted: null,
    figures: { audioLatencyP99Ms: 10, joinedPercent: 100 },
    thresholds: [],
    verdict: { isResult: true, reasons: [] },
    histograms: histogramData(histograms),
    samples: [SAMPLE, { ...SAMPLE, atS: 2 }],
    marks: [{ atS: 1, what: "kill-worker" }],
    stages: [],
    knee: null,
    troubles: [],
    browsers: null,
    ...change,
  };
}

const BROKEN = { figure: "lossPercent", limit: "≤ 1", value: 3, passed: false, excess: 2 } as const;

test("JUnit has a failure for a broken threshold, and one when the generator was the limit", () => {
  const good = junitReport(resultWith({ thresholds: [{ ...BROKEN, passed: true }] }));
  assert.match(good, /tests="2" failures="0"/);
  const bad = junitReport(
    resultWith({ thresholds: [BROKEN], verdict: { isResult: false, reasons: ["a < b"] } }),
  );
  assert.match(bad, /tests="2" failures="2"/);
  assert.match(bad, /<failure message="3 %, limit ≤ 1">/);
  assert.match(bad, /message="a &lt; b"/);
});

test("the page asks nothing of the network, and escapes what it is given", () => {
  const page = htmlReport(
    resultWith({
      troubles: [{ code: "x", message: "<script>alert(1)</script>", count: 2 }],
      thresholds: [BROKEN],
    }),
  );
  assert.doesNotMatch(page, /<script|<link|<img|@import|url\(/);
  assert.match(page, /&lt;script&gt;alert/);
  assert.match(page, /1 of 1 thresholds broke/);
  assert.match(page, /default-src 'none'/);
  assert.match(page, /One-way latency/);
});

test("a run in which the generator was the limit is not called a result", () => {
  const result = resultWith({ verdict: { isResult: false, reasons: ["it sent late"] } });
  assert.match(resultTable(result), /Not a result: the generator itself was the limit/);
  assert.match(htmlReport(result), /Not a result/);
  assert.match(comparisonText(result, resultWith({})).text, /is not a result/);
});

test("a run that grew tells its sizes, where it broke and by what, and what it carried", () => {
  const stage = { figures: { videoLatencyP99Ms: 4 }, broken: [], isResult: true, busiest: null };
  const busiest = { name: "worker 0", cores: 0.99 };
  const result = resultWith({
    figures: { heldParticipants: 8, lossPercent: 0 },
    thresholds: [{ ...BROKEN, value: 0, passed: true, excess: 0 }],
    stages: [
      { participants: 8, ...stage },
      { participants: 16, ...stage, broken: [BROKEN], busiest },
    ],
    knee: { heldParticipants: 8, brokeAtParticipants: 16, brokeFirst: BROKEN, busiest },
  });
  const table = resultTable(result);
  assert.match(table, /^small: 1 × 2 participants, growing to 16,/);
  assert.match(table, /^16 .* worker 0 99 % +lossPercent$/m);
  assert.match(table, /The knee lies between 8 and 16 participants; what broke first: lossPercent/);
  assert.match(table, /Passed: all 1 thresholds held at 8 participants/);
  const page = htmlReport(result);
  assert.match(page, /<span>carried<\/span><b>8<\/b>/);
  assert.match(page, /what broke first: lossPercent \(3 %, limit ≤ 1\), with worker 0 at 99 %/);
  assert.match(page, /Busiest process, by size/);
});

test("a comparison tells what is beyond the noise from what isn't", () => {
  const before = resultWith({
    figures: { audioLatencyP99Ms: 10, joinP95Ms: 1_000, lossPercent: 1, megabitsInPerS: 10 },
  });
  const after = resultWith({
    figures: { audioLatencyP99Ms: 11, joinP95Ms: 500, lossPercent: 2, megabitsInPerS: 20 },
  });
  assert.deepEqual(
    compareRuns(before, after).map(({ figure, change }) => [figure, change]),
    [
      ["joinP95Ms", "better"],
      ["audioLatencyP99Ms", "same"],
      ["lossPercent", "worse"],
      ["megabitsInPerS", "changed"],
    ],
  );
  assert.equal(comparisonText(before, after).hasWorsened, true);
  assert.equal(comparisonText(before, before).hasWorsened, false);
  const inClear = comparisonText(before, resultWith({ sealed: false }));
  assert.match(inClear.text, /Frames were sealed in one of them only/);
});

function changesOf(before: Partial<RunResult>, after: Partial<RunResult>): Record<string, string> {
  const compared = compareRuns(resultWith(before), resultWith(after));
  return Object.fromEntries(compared.map(({ figure, change }) => [figure, change]));
}

test("what nobody waiting to get in would notice is no difference", () => {
  const joins = (joinP50Ms: number, joinP95Ms: number) => ({ figures: { joinP50Ms, joinP95Ms } });
  assert.deepEqual(changesOf(joins(96, 156), joins(131, 400)), {
    joinP50Ms: "same",
    joinP95Ms: "worse",
  });
});

test("a rate of a few events varies by chance, and one of many does not", () => {
  const frozen = (count: number): Partial<RunResult> => {
    const histograms = createHistograms();
    histograms.freeze.record(300_000, count);
    return { figures: { freezesPerMinute: count / 11 }, histograms: histogramData(histograms) };
  };
  assert.deepEqual(changesOf(frozen(2), frozen(5)), { freezesPerMinute: "same" });
  assert.deepEqual(changesOf(frozen(200), frozen(500)), { freezesPerMinute: "worse" });
});

test("media that nobody received any more are worse, and so are participants who were away", () => {
  const all = { audioLatencyP50Ms: 1, mediaRecoveryP95Ms: 900, workerCpuCores: 1 };
  const before = { figures: { ...all, presentPercent: 100 } };
  assert.deepEqual(changesOf(before, { figures: { presentPercent: 95 } }), {
    presentPercent: "worse",
    audioLatencyP50Ms: "worse",
    mediaRecoveryP95Ms: "changed",
    workerCpuCores: "changed",
  });
  const { text } = comparisonText(resultWith(before), resultWith({ interrupted: "SIGINT" }));
  assert.match(text, /was interrupted: SIGINT/);
});

test("figures of two sizes that held are not judged against each other", () => {
  const held = (heldParticipants: number, videoLatencyP99Ms: number) => ({
    figures: { heldParticipants, videoLatencyP99Ms },
  });
  assert.deepEqual(changesOf(held(40, 20), held(80, 60)), {
    heldParticipants: "better",
    videoLatencyP99Ms: "changed",
  });
  assert.equal(changesOf(held(40, 20), held(40, 60))["videoLatencyP99Ms"], "worse");
});

test("seconds that vary much make a difference of their means noise", () => {
  const wild = [1, 9, 2, 12, 1, 15].map((audioLatencyP50Ms, index) => ({
    ...SAMPLE,
    atS: index,
    audioLatencyP50Ms,
  }));
  const run = (audioLatencyP50Ms: number) =>
    resultWith({ samples: wild, figures: { audioLatencyP50Ms } });
  assert.equal(compareRuns(run(4), run(9))[0]?.change, "same");
  assert.equal(compareRuns(run(4), run(40))[0]?.change, "worse");
});

test("keys are followed to each member, and a leaver until all have shut them out", () => {
  const rekey = new Histogram();
  const exclusion = new Histogram();
  const watch = new EpochWatch(rekey, exclusion);
  const epoch = (participantId: string, tag: string, atUs: number, shutOut: string[] = []) => {
    watch.epoch({
      type: "epoch",
      room: 0,
      epoch: 1,
      members: 2,
      participantId,
      tag,
      atUs,
      shutOut,
    });
  };
  epoch("a", "one", 1_000);
  epoch("b", "one", 3_000);
  assert.equal(watch.convergence, 1);
  watch.leaving("c", 10_000);
  epoch("a", "two", 12_000, ["c"]);
  assert.equal(watch.convergence, 0.5);
  epoch("b", "two", 15_000, ["c"]);
  assert.equal(watch.convergence, 1);
  assert.deepEqual([rekey.min, rekey.max, rekey.count], [2_000, 3_000, 2]);
  assert.deepEqual([exclusion.min, exclusion.max, exclusion.count], [2_000, 5_000, 2]);
});

test("a server's metrics give its processor time, by worker too", () => {
  const sample = parseServerMetrics(
    [
      "# HELP process_cpu_seconds_total x",
      "process_cpu_seconds_total 12.5",
      "process_resident_memory_bytes 1000",
      'aparte_sfu_worker_cpu_seconds_total{worker="0"} 3',
      'aparte_sfu_worker_cpu_seconds_total{worker="1"} 4',
      'aparte_sfu_worker_max_rss_bytes{worker="1"} 50',
    ].join("\n"),
  );
  assert.equal(sample.cpuSeconds, 12.5);
  assert.deepEqual(
    sample.workers.map(({ name, cpuSeconds }) => [name, cpuSeconds]),
    [
      ["0", 3],
      ["1", 4],
    ],
  );
});

/** Keeps what is written. */
class FakeTerminal {
  readonly isTTY: boolean;
  readonly columns: number;
  text = "";

  constructor(isTTY: boolean, columns = 100) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
  }
}

test("in a terminal the picture is drawn over the last one, and gone at the end", () => {
  const terminal = new FakeTerminal(true);
  const live = new LiveOutput(terminal);
  live.show({ phase: "steady", share: 0.5, sample: SAMPLE });
  assert.match(terminal.text, /█{12}░{12} steady 1 s {2}2\/2 joined/);
  assert.match(terminal.text, /worker 0 10 % 20 MB/);
  const lines = terminal.text.split("\n");
  assert.ok(lines.every((line) => line.length < terminal.columns));
  terminal.text = "";
  live.end();
  assert.equal(terminal.text, `\u001B[${lines.length - 1}A\u001B[0J`);
});

test("in a narrow terminal no line is longer than that is wide", () => {
  const terminal = new FakeTerminal(true, 40);
  new LiveOutput(terminal).show({ phase: "steady", share: 0.5, sample: SAMPLE });
  assert.ok(terminal.text.split("\n").every((line) => line.length < 40));
});

test("without a terminal it is a line every few seconds, and one for each phase", () => {
  const terminal = new FakeTerminal(false);
  const live = new LiveOutput(terminal);
  for (let atS = 0; atS < 12; atS += 1) {
    const phase = atS < 2 ? "joining" : "steady";
    live.show({ phase, share: 0, sample: { ...SAMPLE, atS } });
  }
  const lines = terminal.text.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => line.split(" ").slice(0, 2).join(" ")),
    ["joining 0", "steady 2", "steady 7"],
  );
});
