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

/** A suite (`describe`) or a file isn't a test: only what fails in itself counts. */
function count(event: TestEvent): void {
  if (event.type !== "test:pass" && event.type !== "test:fail") return;
  const { details, skip, todo, name } = event.data;
  const isTest = details.type !== "suite" && !files.includes(name);
  const bad = event.type === "test:fail" || skip !== undefined || todo !== undefined;
  if (bad) tally.failed += 1;
  else if (isTest) tally.passed += 1;
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
  process.exitCode = tally.failed === 0 ? 0 : 1;
  process.send?.(tally);
  process.disconnect?.();
});
events.compose(spec).pipe(process.stdout);
