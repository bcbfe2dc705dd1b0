import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeThresholds } from "../../../loadtest/statistics/judge-thresholds.ts";
import type { GeneratorUse } from "../../../loadtest/statistics/verdict.ts";
import { judgeGenerator } from "../../../loadtest/statistics/verdict.ts";

const IDLE: GeneratorUse = {
  sendDelayP99Ms: 1,
  receiveDelayP99Ms: Number.NaN,
  loopDelayP99Ms: 3,
  engineWaitShare: 0.05,
};

test("a generator that kept up gives a result", () => {
  assert.deepEqual(judgeGenerator(IDLE), { isResult: true, reasons: [] });
  assert.equal(judgeGenerator({ ...IDLE, engineWaitShare: null }).isResult, true);
});

test("an engine that waited often but shortly gives a result", () => {
  const shared = { ...IDLE, receiveDelayP99Ms: 1, engineWaitShare: 0.3 };
  assert.equal(judgeGenerator(shared).isResult, true);
  const kept = judgeGenerator({ ...shared, engineWaitShare: 0.6 });
  assert.match(kept.reasons.join("\n"), /waited 60 % of the time for a core \(limit 50 %\)/);
});

test("each way of being the limit is called out by its name", () => {
  const cases: readonly [Partial<GeneratorUse>, RegExp][] = [
    [{ sendDelayP99Ms: 40 }, /it sent 40\.0 ms late/],
    [{ receiveDelayP99Ms: 40 }, /it took packets 40\.0 ms late/],
    [{ loopDelayP99Ms: 900 }, /its participants answered 900 ms late/],
    [{ engineWaitShare: 0.6 }, /waited 60 % of the time for a core \(limit 20 %\)/],
    [{ engineWaitShare: 0.3, receiveDelayP99Ms: 6 }, /waited 30 % .* \(limit 20 %\)/],
  ];
  for (const [use, reason] of cases) {
    const verdict = judgeGenerator({ ...IDLE, ...use });
    assert.equal(verdict.isResult, false);
    assert.match(verdict.reasons.join("\n"), reason);
  }
});

test("thresholds hold at their limits and break beyond; what wasn't measured doesn't pass", () => {
  const judged = judgeThresholds(
    [
      { figure: "joinP95Ms", max: 100 },
      { figure: "joinedPercent", min: 100 },
      { figure: "rekeyP95Ms", max: 10 },
      { figure: "lossPercent", max: 2 },
    ],
    { joinP95Ms: 100, joinedPercent: 75, lossPercent: 3 },
  );
  assert.deepEqual(
    judged.map(({ figure, passed, excess }) => [figure, passed, excess]),
    [
      ["joinP95Ms", true, 0],
      ["joinedPercent", false, 0.25],
      ["rekeyP95Ms", false, 1],
      ["lossPercent", false, 0.5],
    ],
  );
});
