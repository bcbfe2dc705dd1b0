import { spawn } from "node:child_process";
import { constants } from "node:os";
import { projectRoot } from "./project.mjs";
import { setupEnvironment } from "./environment.mjs";

/**
 * Runs a script of the project under the Node that setup found, in this
 * terminal. Signals are passed on to it.
 *
 * @param {import("./run-steps.mjs").Setup} setup
 * @param {readonly string[]} args the script and its arguments
 * @returns {Promise<number>} its exit code; 128 + the signal's number if one ended it
 */
export function handOver(setup, args) {
  const child = spawn(setup.node, args, {
    cwd: projectRoot,
    env: setupEnvironment(setup),
    // By the channel it learns when we are gone, even if we were killed.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.removeAllListeners(signal);
    // Ctrl-C reaches the child by itself, as one of the terminal's group; all
    // we do then is to wait for its end.
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
