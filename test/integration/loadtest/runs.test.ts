import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { LoadtestRun } from "../../support/loadtest-run.ts";
import { RunningService } from "../../support/running-service.ts";

const ROOMS = fileURLToPath(new URL("rooms.yaml", import.meta.url));
const GROWING = fileURLToPath(new URL("growing.yaml", import.meta.url));
const DAMAGED = fileURLToPath(new URL("damaged.json", import.meta.url));
const DYING = fileURLToPath(new URL("dying.yaml", import.meta.url));
const MEETING = fileURLToPath(new URL("long-meeting.yaml", import.meta.url));

async function metricsOf(service: RunningService): Promise<string> {
  const answer = await fetch(`${service.adminOrigin}/metrics`);
  return answer.text();
}

test("several rooms beside each other keep their thresholds", async () => {
  const run = new LoadtestRun([ROOMS, "--despite-saturation"]);
  try {
    assert.equal(await run.exit, 0, run.said);
    const { figures, samples, interrupted } = run.result;
    assert.equal(interrupted, null);
    assert.equal(figures.joinedPercent, 100);
    assert.ok((figures.packetsInPerS ?? 0) > 0);
    assert.ok(samples.length > 3);
    assert.match(run.report("junit"), /name="joinedPercent"\/>/);
    assert.match(run.report("html"), /^<!doctype html>/);
  } finally {
    await run.close();
  }
});

test("a run grows until a threshold breaks, and names it", async () => {
  const run = new LoadtestRun([GROWING, "--engine", "portable", "--despite-saturation"]);
  try {
    // What broke ended the growth, and is what was asked for.
    assert.equal(await run.exit, 0, run.said);
    const { knee, stages, figures, thresholds } = run.result;
    assert.ok(knee !== null && stages.length > 1);
    const { heldParticipants, brokeAtParticipants, brokeFirst } = knee;
    assert.equal(brokeAtParticipants, heldParticipants + 6);
    assert.equal(stages.at(-1)?.participants, brokeAtParticipants);
    assert.equal(brokeFirst?.figure, "packetsInPerS");
    assert.equal(figures.heldParticipants, heldParticipants);
    assert.ok(
      thresholds.every(({ passed }) => passed),
      "of the size that held",
    );
    assert.match(run.said, /what broke first: packetsInPerS/);
  } finally {
    await run.close();
  }
});

test("Ctrl-C gives a partial report, and everybody says goodbye", async () => {
  const service = await RunningService.start({ flags: ["--sfu-addresses", "127.0.0.1"] });
  const run = new LoadtestRun([MEETING, "--url", service.origin, "--engine", "portable"]);
  try {
    await run.until(/steady/);
    run.interrupt();
    assert.equal(await run.exit, 130, run.said);
    const { interrupted, figures } = run.result;
    assert.equal(interrupted, "SIGINT");
    assert.equal(figures.joinedPercent, 100);
    assert.match(run.said, /Interrupted \(SIGINT\)/);
    const metrics = await metricsOf(service);
    assert.match(metrics, /^aparte_signaling_participants 0$/m);
    assert.match(metrics, /^aparte_signaling_leaves_total\{reason="left"\} 3$/m);
  } finally {
    await run.close();
    await service.stop();
  }
});

test("a deployment that dies midway is no success", async () => {
  const service = await RunningService.start({ flags: ["--sfu-addresses", "127.0.0.1"] });
  const args = [DYING, "--url", service.origin, "--engine", "portable", "--despite-saturation"];
  const run = new LoadtestRun(args);
  try {
    await run.until(/steady/);
    await service.stop();
    assert.equal(await run.exit, 1, run.said);
    const { figures, samples } = run.result;
    assert.equal(figures.joinedPercent, 100);
    assert.ok((figures.presentPercent ?? 100) < 90, `${String(figures.presentPercent)} %`);
    assert.equal(samples.at(-1)?.joined, 0);
    assert.match(run.said, /Failed: presentPercent/);
  } finally {
    await run.close();
    await service.stop();
  }
});

test("what could not be written after a run is refused before it", async () => {
  const run = new LoadtestRun([MEETING, "--json", "/dev/null/report.json"], []);
  try {
    assert.equal(await run.exit, 2, run.said);
    assert.match(run.said, /report\.json can't be written/);
  } finally {
    await run.close();
  }
});

test("a command line or a scenario that is wrong is told in a line", async () => {
  const wrong: readonly [string[], RegExp][] = [
    [["metting"], /neither a file nor one of/],
    [["meeting", "--agents", "few"], /--agents takes a whole number/],
    [["meeting", "--url", "ftp://x"], /--url takes an address/],
    [["rooms", "--link", "http://127.0.0.1:1/#1x"], /names one room, and rooms has 10/],
    [["--compare", "a.json"], /takes two files/],
    [["meeting", "--url", "http://127.0.0.1:2"], /no deployment answers at .*ECONNREFUSED/],
    [["capacity", "--duration", "9"], /each size takes its holdS/],
    [["meeting", "--browsers", "1", "--no-seal"], /--browsers can't go with --no-seal/],
    [["meeting", "--agents", "100000"], /--agents is at most 1000/],
    [["meeting", "--token", ""], /--token is empty/],
    [["--compare", DAMAGED, DAMAGED], /was not written by --json, or is damaged \(scenario\)/],
  ];
  for (const [args, reason] of wrong) {
    const run = new LoadtestRun(args);
    try {
      assert.equal(await run.exit, 2, run.said);
      assert.match(run.said, reason);
      assert.doesNotMatch(run.said, /\n\s+at /, "no stack");
    } finally {
      await run.close();
    }
  }
});
