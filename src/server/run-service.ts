import type { Config } from "../config/index.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import {
  createLogger,
  loggableOwnAddress,
  loggableOwnText,
  type Logger,
} from "../observability/index.ts";
import { createServer, type RunningServer } from "./create-server.ts";
import { ProcessGuard } from "./process-guard.ts";
import { Reload } from "./reload.ts";

export interface ServiceRun {
  readonly config: Config;
  /** Reads the configuration again; throws when it is not understood. */
  readonly readConfig: () => Config;
  /** Told once everything listens. */
  readonly onReady: (server: RunningServer) => Promise<void>;
}

/**
 * The service as the process's only task: starts it, runs until a signal or a crash, and closes
 * it. Resolves with the exit code. Rejects with `StartError` when it can't start.
 */
export async function runService({ config, readConfig, onReady }: ServiceRun): Promise<number> {
  const startedMs = performance.now();
  const logger = createLogger({ level: config.log.level, format: logFormat(config) });
  const guard = new ProcessGuard(logger);
  try {
    const server = await createServer({ config, logger });
    const reload = new Reload({ server, logger, config, readConfig });
    guard.onHangUp(() => void reload.run());
    tellReady(server, config, logger, performance.now() - startedMs);
    await onReady(server);
    const { reason, exitCode } = await guard.order;
    if (reason === "asked") await server.drain();
    const inTime = await closed(server, reason, config.shutdown.timeoutMs, systemClock);
    if (!inTime) logger.error("not everything closed in time");
    logger.info({ reason }, "ended");
    return inTime ? exitCode : 1;
  } finally {
    guard.release();
  }
}

function logFormat({ log }: Config): "json" | "pretty" {
  if (log.format !== "auto") return log.format;
  return process.stderr.isTTY ? "pretty" : "json";
}

/** Machinery that starts the service on free ports reads them from this line. */
function tellReady(server: RunningServer, { region }: Config, logger: Logger, ms: number): void {
  const { origins, httpPort, adminOrigin } = server;
  logger.info(
    {
      http: origins === undefined ? undefined : loggableOwnAddress(origins.main),
      httpPort,
      admin: loggableOwnAddress(adminOrigin),
      region: loggableOwnText(region),
      startMs: Math.round(ms),
    },
    "ready",
  );
}

function closed(
  server: RunningServer,
  reason: string,
  timeoutMs: number,
  clock: Clock,
): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutMs, () => {
      resolve(false);
    });
    void server.close(reason).then(() => {
      cancel();
      resolve(true);
    });
  });
}
