import { readFileSync } from "node:fs";
import { z } from "zod";
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

/** What a comparison looks at, so that a damaged file is told and not stumbled over. */
const comparable = z.looseObject({
  format: z.literal("aparte-loadtest-1"),
  scenario: z.looseObject({}),
  startedAt: z.string(),
  sealed: z.boolean(),
  interrupted: z.string().nullable(),
  figures: z.record(z.string(), z.number()),
  verdict: z.looseObject({ isResult: z.boolean() }),
  histograms: z.record(z.string(), z.looseObject({ buckets: z.array(z.array(z.number())) })),
  samples: z.array(z.looseObject({ joined: z.number(), target: z.number() })),
});

function read(path: string): RunResult {
  let result: RunResult;
  try {
    result = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new UsageError(`${path} can't be read: ${String(cause)}`);
  }
  const { error } = comparable.safeParse(result);
  if (error === undefined) return result;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` (${issue.path.join(".")})`;
  throw new UsageError(`${path} was not written by --json, or is damaged${where}`);
}
