/**
 * Runs one suite and sends its tally to the process that started this one:
 * `run-suite.ts <suite> <file>…`. A process of its own, so that a suite that
 * hangs or crashes can't take the others along.
 */
import { run } from "node:test";
import { spec } from "node:test/reporters";
import type { TestEvent } from "node:test/reporters";
import { suites } from "./suites.mjs";
import type { Tally } from "./tally.ts";

const [suiteName, ...files] = process.argv.slice(2);
const suite = suites.find(({ name }) => name === suiteName);
if (!suite) throw new Error(`unknown suite ${suiteName}`);

const tally: Tally = { passed: 0, failed: 0 };
const filesHeardOf = new Set<string>();

/**
 * Counts tests. A block (`describe`) or a file isn't one: it counts only if it
 * fails for a reason of its own, such as a hook, and not for that of a test in it.
 */
function count(event: TestEvent): void {
  if (event.type !== "test:pass" && event.type !== "test:fail") return;
  const { details, skip, todo, name, file } = event.data;
  const isFile = files.includes(name);
  const isTest = details.type !== "suite" && !isFile;
  if (event.type === "test:fail") {
    const { error } = event.data.details;
    if (!isTest && "failureType" in error && error.failureType === "subtestsFailed") return;
    tally.failed += 1;
  } else if (isTest && (skip !== undefined || todo !== undefined)) tally.failed += 1;
  else if (isTest) tally.passed += 1;
  else return;
  filesHeardOf.add(isFile ? name : (file ?? ""));
}

/** A file in which nothing ran has shown nothing. */
function failSilentFiles(): void {
  for (const file of files.filter((name) => !filesHeardOf.has(name))) {
    process.stdout.write(`\n${file} has no tests\n`);
    tally.failed += 1;
  }
}

const events = run({
  files,
  isolation: suite.isolation,
  ...(suite.isolation === "process"
    ? { concurrency: suite.concurrency, timeout: suite.fileTimeoutMs }
    : {}),
});
events.on("data", count);
events.once("end", () => {
  failSilentFiles();
  process.exitCode = tally.failed === 0 ? 0 : 1;
  process.send?.(tally);
  process.disconnect?.();
});
events.compose(spec).pipe(process.stdout);
