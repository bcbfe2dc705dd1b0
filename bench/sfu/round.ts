import { setTimeout as sleep } from "node:timers/promises";
import type { EngineStats, MediaEngine } from "../../loadtest/engine/media-engine.ts";
import { Histogram } from "../../loadtest/statistics/histogram.ts";
import { processUse, threadTimes } from "../../loadtest/statistics/scheduling.ts";
import type { TestedServer } from "./tested-server.ts";

/** What one server did in some seconds of steady load. */
export interface Round {
  /** RTP packets that reached the viewers, a second. */
  readonly packetsPerS: number;
  readonly bytesPerPacket: number;
  /** Of those that viewers should have got. */
  readonly lostPackets: number;
  /** Of what forwards: all of Janus, the media workers of ours. */
  readonly mediaCpuUs: number;
  readonly controlCpuUs: number;
  readonly forwardedPackets: number;
  /** From the sealing to the arrival of a frame's last packet, the generator's own share included. */
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly framesReceived: number;
  readonly framesRefused: number;
  readonly memoryBytes: number;
  readonly seconds: number;
  readonly generator: GeneratorHealth;
}

/** Whether the generator itself was the limit. */
export interface GeneratorHealth {
  /** The worse of the two: later than due when sending, from the kernel to its handling. */
  readonly delayP99Ms: number;
  /** Ready to run, and kept from its core: 0 to 1. */
  readonly runQueueShare: number;
  readonly cpuShare: number;
}

/** What comes of a change of load, such as key frames and their pacing, has gone by then. */
const SETTLE_MS = 1_500;

/** Measures a server that is under load now. */
export async function measureRound(
  server: TestedServer,
  engine: MediaEngine,
  seconds: number,
): Promise<Round> {
  await sleep(SETTLE_MS);
  await engine.request("stats:take", {});
  const before = useOf(server);
  await sleep(seconds * 1_000);
  const stats = await engine.request("stats:take", {});
  const after = useOf(server);
  return roundOf(stats, {
    mediaCpuUs: after.mediaCpuUs - before.mediaCpuUs,
    controlCpuUs: after.controlCpuUs - before.controlCpuUs,
    memoryBytes: after.memoryBytes,
  });
}

interface ServerUse {
  readonly mediaCpuUs: number;
  readonly controlCpuUs: number;
  readonly memoryBytes: number;
}

export function useOf({ mediaPids, controlPids }: TestedServer): ServerUse {
  const [media, control] = [mediaPids, controlPids].map((pids) => pids.map(useOfProcess));
  const cpuUs = (uses: typeof media) => (uses ?? []).reduce((sum, use) => sum + use.cpuUs, 0);
  return {
    mediaCpuUs: cpuUs(media),
    controlCpuUs: cpuUs(control),
    // A control plane is there once, however many participants come.
    memoryBytes: (media ?? []).reduce((sum, use) => sum + use.memoryBytes, 0),
  };
}

function useOfProcess(pid: number): { cpuUs: number; memoryBytes: number } {
  const use = processUse(pid);
  const times = threadTimes(pid);
  if (use === undefined || times === undefined) {
    throw new Error(`process ${pid} has ended, or the system doesn't tell`);
  }
  return { cpuUs: times.ranUs, memoryBytes: use.memoryBytes };
}

function roundOf(stats: EngineStats, server: ServerUse): Round {
  const { video, intervalMs, packetsExpected, packetsLost } = stats;
  const forwardedPackets = packetsExpected - packetsLost;
  const latency = Histogram.from(video.latencyUs);
  return {
    ...server,
    forwardedPackets,
    packetsPerS: (forwardedPackets / intervalMs) * 1_000,
    bytesPerPacket: stats.bytesReceived / Math.max(1, stats.packetsReceived),
    lostPackets: packetsLost,
    latencyP50Ms: latency.percentile(0.5) / 1_000,
    latencyP99Ms: latency.percentile(0.99) / 1_000,
    framesReceived: video.received,
    framesRefused: Object.values(video.refused).reduce((sum, count) => sum + count, 0),
    seconds: intervalMs / 1_000,
    generator: {
      delayP99Ms: Math.max(p99Ms(stats.sendDelayUs), p99Ms(stats.receiveDelayUs)),
      runQueueShare: (stats.runQueueWaitUs ?? 0) / 1_000 / intervalMs,
      cpuShare: stats.cpuUs / 1_000 / intervalMs,
    },
  };
}

function p99Ms(delayUs: EngineStats["sendDelayUs"]): number {
  return delayUs.count === 0 ? 0 : Histogram.from(delayUs).percentile(0.99) / 1_000;
}
