import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { LoadtestRun } from "../support/loadtest-run.ts";

const MEETING = fileURLToPath(new URL("loadtest-meeting.yaml", import.meta.url));

test("six synthetic participants and two real browsers meet, and keep the thresholds", async () => {
  const args = ["--engine", "portable", "--browsers", "2", "--despite-saturation"];
  const run = new LoadtestRun([MEETING, ...args]);
  try {
    assert.equal(await run.exit, 0, run.said);
    const { browsers, figures } = run.result;
    assert.equal(figures.joinedPercent, 100);
    assert.equal(browsers?.joined, 2);
    // What the synthetic ones sent was real: a decoder made pictures of it.
    assert.ok((browsers.framesDecodedPerS ?? 0) > 1, JSON.stringify(browsers));
    assert.match(run.report("html"), /Real browsers beside them/);
  } finally {
    await run.close();
  }
});
