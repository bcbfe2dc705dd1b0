import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { Progress } from "./progress.mjs";
import { projectCache } from "./project.mjs";
import { SetupError } from "./setup-error.mjs";

/**
 * What setup has found or made so far; each step adds its part.
 *
 * @typedef {object} Setup
 * @property {string} node path of a Node that the project supports
 * @property {string} [workerBin] path of mediasoup's worker
 * @property {string} [chromium] path of a Chromium, for the browser tests
 * @property {string} [firefox] path of a Firefox, for the tests between browsers
 * @property {string} [loadEngine] path of the load test's native engine
 * @property {string} [loadEngineTests] path of that engine's own tests
 */

/**
 * One thing that has to be there. `find` is cheap and says whether it is there
 * already; `make` brings it about.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} [lockFile] if what it makes is shared with other clones
 * @property {(setup: Setup) => Promise<Partial<Setup> | undefined>} find
 * @property {(setup: Setup, progress: Progress) => Promise<Made>} make
 */

/**
 * @typedef {object} Made
 * @property {string} did in a few words
 * @property {Partial<Setup>} found what `find` would say from now on
 */

/**
 * @param {Step} step
 * @param {Setup} setup
 * @returns {Promise<Partial<Setup>>}
 */
async function ensure(step, setup) {
  const there = await step.find(setup);
  if (there) return there;

  const progress = new Progress(step.name);
  const lock = step.lockFile ?? join(projectCache, "locks", step.name);
  const waiting = () => progress.update("waiting for another setup to end");
  return withLock(
    lock,
    async () => {
      // The one we waited for may have made it.
      const thereNow = await step.find(setup);
      if (thereNow) return thereNow;
      try {
        const { did, found } = await step.make(setup, progress);
        progress.done(did);
        return found;
      } catch (error) {
        progress.abandon();
        throw error;
      }
    },
    waiting,
  );
}

/**
 * Makes sure of each step in turn.
 *
 * @param {readonly Step[]} steps
 * @returns {Promise<Setup>}
 * @throws {SetupError} if something is missing that only the user can bring
 */
export async function runSteps(steps) {
  /** @type {Setup} */
  let setup = { node: process.execPath };
  for (const step of steps) setup = { ...setup, ...(await ensure(step, setup)) };
  return setup;
}

/**
 * Runs a script's main function; an error that the user can mend is shown as
 * such, and every failure ends in a non-zero exit code.
 *
 * @param {() => Promise<number>} main returns the exit code
 */
export async function runMain(main) {
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    // Leaving by exit runs the handlers that release locks and end commands.
    process.once(signal, () => process.exit(signal === "SIGINT" ? 130 : 143));
  }
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    if (error.remedy) process.stderr.write(`\n${error.remedy}\n`);
  }
}
