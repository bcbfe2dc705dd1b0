import type { Metrics } from "../../observability/index.ts";
import type { Sfu, WorkerStats } from "../../sfu/index.ts";

/** Figures of the media workers. Rooms and participants are counted, never named. */
export function exportSfuMetrics(metrics: Metrics, sfu: Pick<Sfu, "stats">): void {
  const total = (name: string, help: string, read: () => number) => {
    metrics.gauge(`aparte_sfu_${name}`, help, read);
  };
  total(
    "workers_configured",
    "Media workers that should run.",
    () => sfu.stats().workersConfigured,
  );
  total("workers", "Media workers that run.", () => sfu.stats().workersAlive);
  total(
    "worker_deaths",
    "Media workers that ended by themselves since the start.",
    () => sfu.stats().workerDeaths,
  );
  total("rooms", "Rooms with media.", () => sfu.stats().rooms);
  total("transports", "Media transports.", () => sfu.stats().transports);
  total("producers", "Streams that participants send.", () => sfu.stats().producers);
  total("consumers", "Streams that are forwarded.", () => sfu.stats().consumers);
  total("pipes", "Pipes between workers.", () => sfu.stats().pipes);

  const byWorker = (name: string, help: string, read: (worker: WorkerStats) => number) => {
    metrics.gaugeBy(`aparte_sfu_worker_${name}`, help, "worker", () =>
      sfu.stats().workers.map((worker) => [String(worker.index), read(worker)] as const),
    );
  };
  byWorker("participants", "Participants that a worker carries.", (one) => one.participants);
  byWorker("consumers", "Streams that a worker forwards.", (one) => one.consumers);
  byWorker("cpu_seconds", "Processor time of a worker's process.", (one) => one.cpuMs / 1_000);
  byWorker("max_rss_bytes", "Most memory of a worker's process.", (one) => one.maxRssBytes);
}
