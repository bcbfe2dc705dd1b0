import { readdirSync, readFileSync } from "node:fs";

export interface ChildOfOurs {
  readonly pid: number;
  readonly args: readonly string[];
}

/** Processes of that name which this one, or another one, has started, by Linux's /proc. */
export function childProcesses(name: string, parentPid = process.pid): ChildOfOurs[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const [, comm, , ppid] =
          /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, "utf8")) ?? [];
        if (comm !== name || Number(ppid) !== parentPid) return [];
        const args = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
        return [{ pid: Number(entry), args }];
      } catch {
        // It ended between the two looks.
        return [];
      }
    });
}
