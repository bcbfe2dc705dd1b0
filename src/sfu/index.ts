export { version as mediasoupVersion } from "mediasoup";
export type { MediaPort } from "./media-worker.ts";
export { Sfu } from "./sfu.ts";
export type { SfuEvents, SentLayers } from "./sfu-events.ts";
export type { ListenAddress, SfuLimits, SfuOptions, SfuRates } from "./sfu-options.ts";
export { DEFAULT_SFU_LIMITS, DEFAULT_SFU_RATES } from "./sfu-options.ts";
export type { SfuStats, WorkerStats } from "./sfu-stats.ts";
