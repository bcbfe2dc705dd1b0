import type { Tally } from "../tests/tally.ts";
import { checks, type Check } from "./checks.ts";

type Result = { name: string; seconds: number; complaint: string | undefined };

async function perform(check: Check): Promise<Result> {
  const startedAt = performance.now();
  const complaint = await check.complaint();
  return { name: check.name, seconds: (performance.now() - startedAt) / 1000, complaint };
}

function report({ name, seconds, complaint }: Result): void {
  const verdict = complaint === undefined ? "ok  " : "FAIL";
  process.stdout.write(`  ${verdict} ${name.padEnd(16)} ${seconds.toFixed(1)} s\n`);
  if (complaint !== undefined) process.stdout.write(`${complaint.trimEnd()}\n\n`);
}

/** Runs every check, a few at a time; what one complains of is printed under its name. */
export async function runChecks(): Promise<Tally> {
  const results: Result[] = [];
  const queue = checks.values();
  const lane = async () => {
    for (const check of queue) {
      const result = await perform(check);
      report(result);
      results.push(result);
    }
  };
  await Promise.all([lane(), lane()]);
  const failed = results.filter(({ complaint }) => complaint !== undefined).length;
  return { passed: results.length - failed, failed };
}
