import { readdirSync, readFileSync } from "node:fs";

/** What the threads of a process that are there have had of the cores, in microseconds. */
export interface ThreadTimes {
  readonly ranUs: number;
  /** Ready to run, and kept waiting for a core. */
  readonly waitedUs: number;
}

/**
 * The first two numbers of Linux's `/proc/PID/task/TID/schedstat`, since each thread began: exact,
 * where the ticks of `/proc/PID/stat` are 10 ms, but of threads that have ended nothing is left.
 * Undefined where the system doesn't tell, or the process is gone.
 */
export function threadTimes(pid: number | "self"): ThreadTimes | undefined {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const times = tasks.map((task) => timesOf(`/proc/${pid}/task/${task}/schedstat`));
    return {
      ranUs: times.reduce((sum, { ranUs }) => sum + ranUs, 0),
      waitedUs: times.reduce((sum, { waitedUs }) => sum + waitedUs, 0),
    };
  } catch {
    return undefined;
  }
}

export function runQueueWaitUs(pid: number | "self"): number | undefined {
  return threadTimes(pid)?.waitedUs;
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
function timesOf(path: string): ThreadTimes {
  try {
    const [ran, waited] = readFileSync(path, "latin1").split(" ");
    return { ranUs: Number(ran) / 1_000, waitedUs: Number(waited) / 1_000 };
  } catch {
    return { ranUs: 0, waitedUs: 0 };
  }
}
