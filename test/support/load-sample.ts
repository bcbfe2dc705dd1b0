import type { Sample } from "../../loadtest/report/run-result.ts";

/** One quiet second of a call of two. */
export const SAMPLE: Sample = {
  atS: 1,
  joined: 2,
  target: 2,
  packetsInPerS: 100,
  packetsOutPerS: 50,
  megabitsInPerS: 1,
  megabitsOutPerS: 0.5,
  lossPercent: 0,
  audioLatencyP50Ms: 1,
  audioLatencyP95Ms: 2,
  audioLatencyP99Ms: 3,
  videoLatencyP50Ms: null,
  videoLatencyP95Ms: null,
  videoLatencyP99Ms: null,
  decryptFailures: 0,
  generatorCores: 0.1,
  epochConvergence: 1,
  generatorMemoryMb: 100,
  serverCores: 0.1,
  workerCores: 0.1,
  workers: [{ name: "0", cores: 0.1, memoryMb: 20 }],
  serverMemoryMb: 90,
};
