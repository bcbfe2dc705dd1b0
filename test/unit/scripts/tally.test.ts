import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { choose } from "../../../scripts/tests/suites.mjs";
import { addTallies, exitCodeFor, summaryLine } from "../../../scripts/tests/tally.ts";

describe("the summary of a test run", () => {
  it("adds up its suites", () => {
    const total = addTallies([
      { passed: 3, failed: 0 },
      { passed: 4, failed: 2 },
    ]);
    assert.equal(summaryLine(total), "7 passed, 2 failed");
  });

  it("is a success only if something passed and nothing failed", () => {
    assert.equal(exitCodeFor({ passed: 1, failed: 0 }), 0);
    assert.equal(exitCodeFor({ passed: 9, failed: 1 }), 1);
    assert.equal(exitCodeFor({ passed: 0, failed: 0 }), 1);
  });
});

describe("choose", () => {
  const names = (args: string[]) => choose(args).suites.map(({ name }) => name);

  it("takes everything when nothing is asked for", () => {
    assert.deepEqual(names([]), ["unit", "integration", "fuzz", "e2e"]);
    assert.equal(choose([]).check, true);
  });

  it("takes the suites that are named", () => {
    assert.deepEqual(names(["e2e", "unit"]), ["unit", "e2e"]);
    assert.equal(choose(["unit"]).check, false);
    assert.deepEqual(names(["check"]), []);
    assert.equal(choose(["check"]).check, true);
  });

  it("searches every suite for a part of a path, or those that are named with it", () => {
    assert.deepEqual(names(["turn/wire"]), ["unit", "integration", "fuzz", "e2e"]);
    assert.deepEqual(names(["unit", "turn/wire"]), ["unit"]);
    assert.deepEqual(choose(["unit", "turn/wire"]).patterns, ["turn/wire"]);
  });
});
