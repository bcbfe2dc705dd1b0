import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { runCommand } from "../../scripts/setup/run-command.mjs";

/** Processes that this one started and that still run. Reads Linux's /proc. */
export function childPids(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid);
}

/** Undefined when it has ended meanwhile. The name in parentheses may hold anything. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

/**
 * Gives processes, with all their threads and what those will start, one core alone, and there the
 * way before others where the system lets us (root's right): a server of forty threads would else
 * get forty times the share of a server of one when the machine is busy.
 */
export async function pinToCore(core: number, pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    const { code, tail } = await runCommand("taskset", ["-acp", String(core), String(pid)]);
    if (code !== 0) throw new Error(`process ${pid} can't be pinned to core ${core}: ${tail}`);
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      ifAllowed(() => setPriority(Number(thread), constants.priority.PRIORITY_HIGHEST));
    }
    // Where Linux weighs sessions first, and processes within each.
    ifAllowed(() => writeFileSync(`/proc/${pid}/autogroup`, "-20"));
  }
}

/** Without the right, or with a thread that has just ended, the rest is measured all the same. */
function ifAllowed(prefer: () => void): void {
  try {
    prefer();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

/** The cores that this process may use, as a container may have some of the machine's only. */
export function allowedCores(): number[] {
  const status = readFileSync("/proc/self/status", "latin1");
  return coresOf(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "");
}

/** Reads a list as the kernel writes it: `0-3,6`. */
export function coresOf(list: string): number[] {
  const ranges = list.split(",").filter((range) => range !== "");
  return ranges.flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
