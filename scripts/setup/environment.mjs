import { delimiter, dirname } from "node:path";

/**
 * The environment for what runs after setup: it finds the Node, the worker and
 * the browser that setup found.
 *
 * @param {import("./run-steps.mjs").Setup} setup
 * @returns {NodeJS.ProcessEnv}
 */
export function setupEnvironment(setup) {
  return {
    ...process.env,
    PATH: `${dirname(setup.node)}${delimiter}${process.env.PATH ?? ""}`,
    ...(setup.workerBin ? { MEDIASOUP_WORKER_BIN: setup.workerBin } : {}),
    ...(setup.chromium ? { APARTE_CHROMIUM: setup.chromium } : {}),
    ...(setup.firefox ? { APARTE_FIREFOX: setup.firefox } : {}),
    ...(setup.loadEngine ? { APARTE_LOAD_ENGINE: setup.loadEngine } : {}),
    ...(setup.loadEngineTests ? { APARTE_LOAD_ENGINE_TESTS: setup.loadEngineTests } : {}),
  };
}
