/**
 * Runs a script of the project under a Node that can, after making sure of
 * what it needs: `node scripts/with-setup.mjs [worker] [web] [browser] [coturn] [firefox] [firewall]
 * [load-engine] [janus] file.ts …`.
 * Without a script it only sets up.
 */
import { browserStep } from "./setup/browser.mjs";
import { coturnStep } from "./setup/coturn.mjs";
import { firefoxStep } from "./setup/firefox.mjs";
import { firewallStep } from "./setup/firewall.mjs";
import { handOver } from "./setup/hand-over.mjs";
import { janusStep } from "./setup/janus.mjs";
import { loadEngineStep, loadEngineTestsStep } from "./setup/load-engine.mjs";
import { nodeStep } from "./setup/node.mjs";
import { packagesStep } from "./setup/packages.mjs";
import { runMain, runSteps } from "./setup/run-steps.mjs";
import { webStep } from "./setup/web.mjs";
import { workerStep } from "./setup/worker.mjs";

const onRequest = [
  workerStep,
  loadEngineStep,
  loadEngineTestsStep,
  webStep,
  browserStep,
  firefoxStep,
  coturnStep,
  janusStep,
  firewallStep,
];

await runMain(async () => {
  const args = process.argv.slice(2);
  const steps = [nodeStep, packagesStep];
  for (;;) {
    const step = onRequest.find(({ name }) => name === args[0]);
    if (!step) break;
    steps.push(step);
    args.shift();
  }
  const setup = await runSteps(steps);
  return args.length === 0 ? 0 : handOver(setup, args);
});
