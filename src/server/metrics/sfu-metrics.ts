import type { Metrics } from "../../observability/index.ts";
import type { Sfu, WorkerStats } from "../../sfu/index.ts";

/** Figures of the media workers. Rooms and participants are counted, never named. */
export function exportSfuMetrics(metrics: Metrics, sfu: Pick<Sfu, "stats">): void {
  const now = (name: string, help: string, read: () => number) => {
    metrics.gauge(`aparte_sfu_${name}`, help, read);
  };
  now("workers_configured", "Media workers that should run.", () => sfu.stats().workersConfigured);
  now("workers", "Media workers that run.", () => sfu.stats().workersAlive);
  metrics.total(
    "aparte_sfu_worker_deaths_total",
    "Media workers that ended by themselves since the start.",
    () => sfu.stats().workerDeaths,
  );
  now("rooms", "Rooms with media.", () => sfu.stats().rooms);
  now("transports", "Media transports.", () => sfu.stats().transports);
  now("producers", "Streams that participants send.", () => sfu.stats().producers);
  now("consumers", "Streams that are forwarded.", () => sfu.stats().consumers);
  now("pipes", "Pipes between workers.", () => sfu.stats().pipes);

  const byWorker = (read: (worker: WorkerStats) => number) => () =>
    sfu.stats().workers.map((worker) => [String(worker.index), read(worker)] as const);
  const nowByWorker = (name: string, help: string, read: (worker: WorkerStats) => number) => {
    metrics.gaugeBy(`aparte_sfu_worker_${name}`, help, "worker", byWorker(read));
  };
  nowByWorker("participants", "Participants that a worker carries.", (one) => one.participants);
  nowByWorker("consumers", "Streams that a worker forwards.", (one) => one.consumers);
  nowByWorker("max_rss_bytes", "Most memory of a worker's process.", (one) => one.maxRssBytes);
  metrics.totalBy(
    "aparte_sfu_worker_cpu_seconds_total",
    "Processor time of a worker's process.",
    "worker",
    byWorker((one) => one.cpuMs / 1_000),
  );
}
