import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";

/** Lines of output that are kept, if the caller doesn't say. */
const defaultKeptLines = 30;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

// A command must not outlive the script that started it, however that ends.
process.on("exit", () => {
  for (const child of running) child.kill("SIGTERM");
});

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(line: string) => void} [onLine] called for each line of stdout and stderr
 * @property {string} [logFile] all output is appended to this file
 * @property {number} [keepLines] how many lines at the end of the output are kept
 * @property {number} [timeoutMs] the command is killed after this time
 */

/**
 * Runs a command without a shell and collects the end of its output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<{code: number, tail: string}>} code is 127 if the command
 *   couldn't be started and 1 if a signal ended it
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
    running.add(child);

    /** @type {string[]} */
    const tail = [];
    const log = options.logFile ? createWriteStream(options.logFile, { flags: "a" }) : undefined;
    /** @param {string} line */
    const take = (line) => {
      tail.push(line);
      if (tail.length > (options.keepLines ?? defaultKeptLines)) tail.shift();
      log?.write(`${line}\n`);
      options.onLine?.(line);
    };
    createInterface({ input: child.stdout }).on("line", take);
    createInterface({ input: child.stderr }).on("line", take);

    /** @param {number} code */
    const settle = (code) => {
      running.delete(child);
      log?.end();
      resolve({ code, tail: tail.join("\n") });
    };
    child.once("error", (error) => {
      take(error.message);
      settle(127);
    });
    child.once("close", (code) => settle(code ?? 1));
  });
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions} [options]
 */
export async function commandSucceeds(command, args, options) {
  return (await runCommand(command, args, options)).code === 0;
}
