import { readdirSync, readFileSync } from "node:fs";

/**
 * How long the threads of a process have been ready to run and waited for a core, in microseconds
 * since each began: the second number of Linux's `/proc/PID/task/TID/schedstat`. Undefined where
 * the system doesn't tell, or the process is gone.
 */
export function runQueueWaitUs(pid: number | "self"): number | undefined {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.reduce((sum, task) => sum + waitOf(`/proc/${pid}/task/${task}/schedstat`), 0);
  } catch {
    return undefined;
  }
}

/** CPU time and resident memory of a process; undefined where the system doesn't tell. */
export function processUse(pid: number): { cpuUs: number; memoryBytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything, so the fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuUs: ticks * TICK_US, memoryBytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    return undefined;
  }
}

/** USER_HZ is 100 and a page 4 kB on every Linux that Node has binaries for. */
const TICK_US = 10_000;
const PAGE_BYTES = 4_096;

/** A thread may end between the list and the look at it. */
function waitOf(path: string): number {
  try {
    return Number(readFileSync(path, "latin1").split(" ")[1]) / 1_000;
  } catch {
    return 0;
  }
}
