/** What a server's metrics endpoint tells of its load. Counters are since its start. */
export interface ServerSample {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  readonly workers: readonly WorkerSample[];
  /** How long each process was ready and waited for a core, where that is known. */
  readonly waitSeconds?: readonly number[];
}

export interface WorkerSample {
  readonly name: string;
  readonly cpuSeconds: number;
  readonly maxMemoryBytes: number;
}

const PATIENCE_MS = 2_000;
const WORKER_CPU = "aparte_sfu_worker_cpu_seconds_total";
const WORKER_MEMORY = "aparte_sfu_worker_max_rss_bytes";

/** Asks `url` (Prometheus' text format). Undefined when it doesn't answer. */
export async function readServerMetrics(url: string): Promise<ServerSample | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? parseServerMetrics(await answer.text()) : undefined;
  } catch {
    return undefined;
  }
}

export function parseServerMetrics(text: string): ServerSample {
  const values = new Map<string, Map<string, number>>();
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = /^([a-zA-Z_:][\w:]*)(\{[^}]*\})? (\S+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const byLabel = values.get(name) ?? new Map<string, number>();
    byLabel.set(/worker="([^"]*)"/.exec(labels)?.[1] ?? "", Number(value));
    values.set(name, byLabel);
  }
  const single = (name: string) => values.get(name)?.get("") ?? Number.NaN;
  return {
    cpuSeconds: single("process_cpu_seconds_total"),
    memoryBytes: single("process_resident_memory_bytes"),
    workers: [...(values.get(WORKER_CPU) ?? [])].map(([name, cpuSeconds]) => ({
      name,
      cpuSeconds,
      maxMemoryBytes: values.get(WORKER_MEMORY)?.get(name) ?? Number.NaN,
    })),
  };
}
