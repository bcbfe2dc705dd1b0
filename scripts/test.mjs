/**
 * `npm test`: brings about all that the tests need, then runs every one of
 * them. Arguments choose a part: names of suites, or parts of file names.
 */
import { browserStep } from "./setup/browser.mjs";
import { coturnStep } from "./setup/coturn.mjs";
import { firefoxStep } from "./setup/firefox.mjs";
import { firewallStep } from "./setup/firewall.mjs";
import { handOver } from "./setup/hand-over.mjs";
import { loadEngineStep, loadEngineTestsStep } from "./setup/load-engine.mjs";
import { nodeStep } from "./setup/node.mjs";
import { packagesStep } from "./setup/packages.mjs";
import { runMain, runSteps } from "./setup/run-steps.mjs";
import { webStep } from "./setup/web.mjs";
import { workerStep } from "./setup/worker.mjs";
import { choose } from "./tests/suites.mjs";

const needed = [
  workerStep,
  loadEngineStep,
  loadEngineTestsStep,
  webStep,
  browserStep,
  firefoxStep,
  coturnStep,
  firewallStep,
];

await runMain(async () => {
  const args = process.argv.slice(2);
  const needs = new Set(choose(args).suites.flatMap((suite) => suite.needs));
  const steps = needed.filter(({ name }) => needs.has(name));
  const setup = await runSteps([nodeStep, packagesStep, ...steps]);
  return handOver(setup, ["scripts/tests/run-tests.ts", ...args]);
});
