/** `npm run check`: all that can be said of the source without running it. */
import { runChecks } from "./run-checks.ts";

const startedAt = performance.now();
const { failed } = await runChecks();
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
process.stdout.write(`${failed === 0 ? "all well" : `${failed} failed`} (${seconds} s)\n`);
process.exitCode = failed === 0 ? 0 : 1;
