import assert from "node:assert/strict";
import { test } from "node:test";
import { assertStepsPossible } from "../../../loadtest/coordinator/steps.ts";
import {
  loadScenario,
  parseScenario,
  readyMadeScenarios,
} from "../../../loadtest/scenario/load-scenario.ts";
import { ScenarioError } from "../../../loadtest/scenario/scenario-error.ts";

function problemsOf(text: string): readonly string[] {
  try {
    parseScenario(text, "my.yaml");
  } catch (error) {
    assert.ok(error instanceof ScenarioError);
    return error.problems;
  }
  return assert.fail("it was accepted");
}

test("all scenarios that come along are sound, and named as their files", () => {
  const names = readyMadeScenarios();
  for (const name of names) assert.equal(loadScenario(name).name, name);
  const expected = ["meeting", "webinar", "rooms", "audio", "storm", "churn", "soak", "capacity"];
  assert.deepEqual([...names].sort(), [...expected].sort());
});

test("a small scenario has sensible defaults", () => {
  const scenario = parseScenario("name: small\nparticipants: 3\n", "small.yaml");
  assert.equal(scenario.rooms, 1);
  assert.deepEqual(scenario.publish, { microphone: "all", camera: "all", screen: 0 });
  assert.equal(scenario.relay, "never");
});

test("a wrong value is refused with its line and the reason", () => {
  const [problem = "", ...others] = problemsOf("name: x\nparticipants: many\n");
  assert.match(problem, /^my\.yaml:2:1: participants: .*expected number/);
  assert.equal(others.length, 0);
});

test("an unknown field is refused where it stands", () => {
  const text = "name: x\nparticipants: 3\npublish:\n  camera: all\n  kamera: 2\n";
  assert.deepEqual(problemsOf(text), ["my.yaml:5:3: publish.kamera: there is no such field"]);
});

test("several mistakes are told at once", () => {
  const problems = problemsOf("name: Bad Name\nparticipants: 0\n");
  assert.deepEqual(
    problems.map((problem) => problem.split(":").slice(0, 2).join(":")),
    ["my.yaml:1", "my.yaml:2"],
  );
});

test("a threshold for a figure that there isn't is refused, and those that are there are named", () => {
  const [problem = ""] = problemsOf(
    "name: x\nparticipants: 3\nthresholds:\n  joinP95Ms: { max: 1 }\n  speed: { max: 1 }\n",
  );
  assert.match(problem, /^my\.yaml:5:3: thresholds\.speed: there is no figure speed.*joinP95Ms/);
});

test("a threshold without a limit is refused", () => {
  const [problem = ""] = problemsOf("name: x\nparticipants: 3\nthresholds: { joinP95Ms: {} }\n");
  assert.match(problem, /^my\.yaml:3:\d+: thresholds\.joinP95Ms: expected `max`, `min` or both/);
});

test("a mistake in a list is found in the list", () => {
  const text =
    "name: x\nparticipants: 3\nsteps:\n  - { atS: 1, do: kill-worker }\n  - { atS: 2, do: explode }\n";
  const [problem = ""] = problemsOf(text);
  assert.match(problem, /^my\.yaml:5:/);
});

test("a run that grows has no steps", () => {
  const text =
    "name: x\nparticipants: 3\ngrow: { what: rooms, by: 1, to: 4 }\n" +
    "steps: [{ atS: 1, do: kill-worker }]\n";
  assert.match(problemsOf(text)[0] ?? "", /^my\.yaml:4:1: steps: a run that grows has no steps/);
});

test("a step after the end of the run is refused where it stands", () => {
  const text =
    "name: x\nparticipants: 3\ndurationS: 5\nsteps:\n" +
    "  - { atS: 1, do: kill-worker }\n  - { atS: 5, do: kill-worker }\n";
  assert.deepEqual(problemsOf(text), [
    "my.yaml:6:7: steps.1.atS: the run is over after 5 s, so this would never happen",
  ]);
});

test("an alias that leads nowhere is refused, and so are too many", () => {
  assert.match(problemsOf("name: x\nparticipants: *many\n")[0] ?? "", /^my\.yaml: .*many/);
  const layer = (name: string, of: string) => `${name}: &${name} [${`*${of},`.repeat(20)}]\n`;
  const bomb = `a: &a [x]\n${layer("b", "a")}${layer("c", "b")}${layer("d", "c")}`;
  assert.match(problemsOf(bomb)[0] ?? "", /^my\.yaml: Excessive alias count/);
});

test("what is no YAML is refused with its line", () => {
  const [problem = ""] = problemsOf("name: x\nparticipants: [3\n");
  assert.match(problem, /^my\.yaml:\d+:\d+: /);
});

test("a name that is neither a file nor a scenario gives the list of them", () => {
  assert.throws(() => loadScenario("metting"), /neither a file nor one of: .*meeting/);
});

test("a step that the deployment can't do is refused before the run", () => {
  const kill = parseScenario(
    "name: x\nparticipants: 2\nsteps: [{ atS: 1, do: kill-worker }]\n",
    "x.yaml",
  );
  assertStepsPossible(kill, { isOwn: true, allowCommands: false });
  assert.throws(
    () => {
      assertStepsPossible(kill, { isOwn: false, allowCommands: true });
    },
    { code: "bad-scenario", message: /kill-worker needs a service that the load test has started/ },
  );
});

test("a step runs a command only when that was allowed", () => {
  const drain = parseScenario(
    "name: x\nparticipants: 2\nsteps: [{ atS: 1, do: run, name: drain, command: 'true' }]\n",
    "x.yaml",
  );
  assertStepsPossible(drain, { isOwn: false, allowCommands: true });
  assert.throws(
    () => {
      assertStepsPossible(drain, { isOwn: false, allowCommands: false });
    },
    { code: "bad-scenario", message: /--allow-commands/ },
  );
});

test("a deployment's relays can't be given an impairment", () => {
  const text = "name: x\nparticipants: 2\nrelay: always\nimpairment: { lossPercent: 1 }\n";
  const impaired = parseScenario(text, "x.yaml");
  assertStepsPossible(impaired, { isOwn: true, allowCommands: false });
  assert.throws(
    () => {
      assertStepsPossible(impaired, { isOwn: false, allowCommands: false });
    },
    { code: "bad-scenario", message: /leave out `relay: always`/ },
  );
});
