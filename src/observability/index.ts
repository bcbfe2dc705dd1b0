export type { HealthCheck, HealthReport } from "./health.ts";
export { Health } from "./health.ts";
export {
  loggableAddress,
  loggableDigest,
  loggableError,
  loggableId,
  loggableOwnAddress,
  loggableOwnText,
} from "./loggable.ts";
export type { LogFields, Logger, LoggerOptions, LogLevel } from "./logger.ts";
export { createLogger, silentLogger } from "./logger.ts";
export { Metrics } from "./metrics.ts";
