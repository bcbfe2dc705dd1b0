import type { Round } from "../../../bench/sfu/round.ts";

/** A round of a generator that kept up; `others` say what is different. */
export function roundWith(others: Partial<Round>): Round {
  return {
    packetsPerS: 10_000,
    bytesPerPacket: 950,
    lostPackets: 0,
    mediaCpuUs: 400_000,
    controlCpuUs: 0,
    forwardedPackets: 40_000,
    latencyP50Ms: 0.4,
    latencyP99Ms: 2,
    framesReceived: 20_000,
    framesRefused: 0,
    memoryBytes: 30e6,
    seconds: 4,
    generator: { delayP99Ms: 1, runQueueShare: 0.01, cpuShare: 0.2 },
    ...others,
  };
}
