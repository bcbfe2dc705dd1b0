import { processUse, runQueueWaitUs } from "../statistics/scheduling.ts";
import type { OwnService } from "./own-service.ts";
import type { ServerSample } from "./server-metrics.ts";

/**
 * What the system says of a service on this machine: at once, where the endpoint's figures of
 * workers are some seconds old. Undefined where the system doesn't tell.
 */
export function readOwnServiceUse({ pid, workerPids }: OwnService): ServerSample | undefined {
  const own = pid === undefined ? undefined : processUse(pid);
  if (own === undefined || workerPids.length === 0) return undefined;
  const pids = pid === undefined ? workerPids : [pid, ...workerPids];
  return {
    waitSeconds: pids.map((each) => (runQueueWaitUs(each) ?? 0) / 1e6),
    cpuSeconds: own.cpuUs / 1e6,
    memoryBytes: own.memoryBytes,
    workers: workerPids.flatMap((workerPid, index) => {
      const use = processUse(workerPid);
      if (use === undefined) return [];
      return [
        { name: String(index), cpuSeconds: use.cpuUs / 1e6, maxMemoryBytes: use.memoryBytes },
      ];
    }),
  };
}
