/**
 * Runs the checks and every suite of tests, or those that the arguments name.
 * The last line is `N passed, N failed`; the exit code is 0 only if something
 * ran and nothing failed.
 */
import { fork } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChecks } from "../check/run-checks.ts";
import { projectRoot } from "../setup/project.mjs";
import { choose, type Suite } from "./suites.mjs";
import { addTallies, exitCodeFor, summaryLine, type Tally } from "./tally.ts";

const runSuite = fileURLToPath(new URL("run-suite.ts", import.meta.url));

function isTally(message: unknown): message is Tally {
  return typeof message === "object" && message !== null && "passed" in message;
}

function findFiles(suite: Suite, patterns: readonly string[]): string[] {
  return suite.folders
    .flatMap((folder) => globSync(`test/${folder}/**/*.test.ts`, { cwd: projectRoot }))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
    .toSorted()
    .map((file) => join(projectRoot, file));
}

function runOneSuite(suite: Suite, files: readonly string[]): Promise<Tally> {
  process.stdout.write(`\n${suite.name}: ${files.length} files\n`);
  const child = fork(runSuite, [suite.name, ...files], { cwd: projectRoot });
  const { promise, resolve } = Promise.withResolvers<Tally>();

  let tally: Tally | undefined;
  child.on("message", (message) => {
    if (isTally(message)) tally = message;
  });
  const bound = setTimeout(() => {
    process.stdout.write(`\n${suite.name} took longer than ${suite.suiteTimeoutMs / 1000} s\n`);
    child.kill("SIGKILL");
  }, suite.suiteTimeoutMs);
  child.once("exit", (code, signal) => {
    clearTimeout(bound);
    if (tally && !(tally.failed === 0 && code !== 0)) return resolve(tally);
    process.stdout.write(`\n${suite.name} ended early: ${signal ?? `exit code ${code}`}\n`);
    resolve({ passed: tally?.passed ?? 0, failed: (tally?.failed ?? 0) + 1 });
  });
  return promise;
}

const chosen = choose(process.argv.slice(2));
const tallies: Tally[] = [];
if (chosen.check) {
  process.stdout.write("check\n");
  tallies.push(await runChecks());
}
for (const suite of chosen.suites) {
  const files = findFiles(suite, chosen.patterns);
  if (files.length > 0) tallies.push(await runOneSuite(suite, files));
}

if (tallies.length === 0) {
  process.stdout.write(`No test file has ${chosen.patterns.join(" or ")} in its path.\n`);
}

const total = addTallies(tallies);
process.stdout.write(`\n${summaryLine(total)}\n`);
process.exitCode = exitCodeFor(total);
