import type { RunResult } from "./run-result.ts";
import { numberText } from "./text-table.ts";

/** Of the time. Beyond it, other processes of the machine show in the latency. */
const MUCH_WAITING_PERCENT = 20;

/** Says so where it was the machine that a service of the run's own was short of. */
export function starvedNote({ figures }: RunResult): string[] {
  const waited = figures.serverWaitPercent ?? 0;
  if (waited <= MUCH_WAITING_PERCENT) return [];
  return [
    `The service was kept waiting for a core ${numberText(waited)} % of the time: the machine was the limit, ` +
      `or what else runs on it.`,
  ];
}
