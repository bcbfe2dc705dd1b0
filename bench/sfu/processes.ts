import { readdirSync, readFileSync } from "node:fs";
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

/** Lets processes, with all their threads and what those will start, run on one core alone. */
export async function pinToCore(core: number, pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    const { code, tail } = await runCommand("taskset", ["-acp", String(core), String(pid)]);
    if (code !== 0) throw new Error(`process ${pid} can't be pinned to core ${core}: ${tail}`);
  }
}
