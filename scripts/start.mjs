/**
 * `npm start`: brings about all that the service needs, then serves. Runs on
 * any Node from 18 on and needs no package, since it is what fetches both.
 * Arguments go to `aparte serve`.
 */
import { handOver } from "./setup/hand-over.mjs";
import { nodeStep } from "./setup/node.mjs";
import { packagesStep } from "./setup/packages.mjs";
import { runMain, runSteps } from "./setup/run-steps.mjs";
import { webStep } from "./setup/web.mjs";
import { workerStep } from "./setup/worker.mjs";

await runMain(async () => {
  const setup = await runSteps([nodeStep, packagesStep, workerStep, webStep]);
  const args = process.argv.slice(2);
  // Whoever types `npm start` wants the link, even where its output goes through a pipe.
  const said = process.env.APARTE_HTTP_PRINT_LINK ?? args.find((arg) => arg.includes("print-link"));
  if (said === undefined) args.push("--http-print-link", "always");
  return handOver(setup, ["src/cli/main.ts", "serve", ...args]);
});
