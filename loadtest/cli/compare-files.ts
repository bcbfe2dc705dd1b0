import { readFileSync } from "node:fs";
import { comparisonText } from "../report/comparison.ts";
import type { RunResult } from "../report/run-result.ts";
import { UsageError } from "./arguments.ts";
import { EXIT } from "./exit-codes.ts";

/** Prints how the second run differs from the first; ends with `failed` if something is worse. */
export function compareFiles(before: string, after: string): number {
  const { text, hasWorsened } = comparisonText(read(before), read(after));
  process.stdout.write(text);
  return hasWorsened ? EXIT.failed : EXIT.passed;
}

function read(path: string): RunResult {
  try {
    const result: RunResult = JSON.parse(readFileSync(path, "utf8"));
    if (result.format === "aparte-loadtest-1") return result;
  } catch (cause) {
    throw new UsageError(`${path} can't be read: ${String(cause)}`);
  }
  throw new UsageError(`${path} was not written by --json`);
}
