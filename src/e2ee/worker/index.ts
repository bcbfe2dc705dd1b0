export { canTransform, TransformUnsupportedError } from "./attach-transform.ts";
export type { AttachTransform } from "./attach-transform.ts";
export { DEFAULT_WORKER_SETTINGS } from "./messages.ts";
export type {
  ReceiverStats,
  ReceiverTarget,
  SenderStats,
  SenderTarget,
  WorkerSettings,
} from "./messages.ts";
export { spawnTransformWorker } from "./spawn-worker.ts";
export type { ReceiverRef, SenderRef, TransformEvents } from "./transform-events.ts";
export { TransformHost } from "./transform-host.ts";
export type { TransformHostOptions } from "./transform-host.ts";
