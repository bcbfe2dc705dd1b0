import type { ServerSample } from "../service/server-metrics.ts";

/** What a server used of its machine over some time. */
export interface ServerUse {
  readonly serverCores: number;
  readonly workerCores: number;
  readonly memoryBytes: number;
  readonly workers: readonly { name: string; cores: number; memoryMb: number }[];
  /** How long the process that waited longest waited for a core, 0 to 1; undefined where not known. */
  readonly waitShare: number | undefined;
}

interface TimedSample {
  readonly sample: ServerSample;
  readonly atMs: number;
}

/** Less than that between two looks says more of the looking. */
const SHORTEST_MS = 500;

/**
 * Makes means of what a server tells of its processes since their start. Processes may die and be
 * replaced on the way, so it sums up from one look to the next.
 */
export class ServerMeter {
  #last: TimedSample | undefined;
  #lastUse: ServerUse | undefined;
  #taken: ServerUse | undefined;
  #seconds = 0;
  #serverSeconds = 0;
  #workerSeconds = 0;
  #waitSeconds: number | undefined;

  add(sample: ServerSample, atMs: number): void {
    const last = this.#last;
    if (last !== undefined && atMs - last.atMs < SHORTEST_MS) return;
    this.#last = { sample, atMs };
    if (last === undefined) return;
    const use = useBetween(last, this.#last);
    const seconds = (atMs - last.atMs) / 1_000;
    this.#lastUse = use;
    this.#seconds += seconds;
    this.#serverSeconds += use.serverCores * seconds;
    this.#workerSeconds += use.workerCores * seconds;
    if (use.waitShare !== undefined) {
      this.#waitSeconds = (this.#waitSeconds ?? 0) + use.waitShare * seconds;
    }
  }

  /** From now on means are of what comes. */
  begin(): void {
    this.#seconds = 0;
    this.#serverSeconds = 0;
    this.#workerSeconds = 0;
    this.#waitSeconds = undefined;
  }

  /** Since it began; undefined when nothing was told. */
  get mean(): ServerUse | undefined {
    const use = this.#lastUse;
    if (use === undefined || this.#seconds === 0) return undefined;
    return {
      ...use,
      serverCores: this.#serverSeconds / this.#seconds,
      workerCores: this.#workerSeconds / this.#seconds,
      waitShare: this.#waitSeconds === undefined ? undefined : this.#waitSeconds / this.#seconds,
    };
  }

  /** Between the last two looks; undefined when there was none since this was asked before. */
  takeLast(): ServerUse | undefined {
    const use = this.#taken === this.#lastUse ? undefined : this.#lastUse;
    this.#taken = this.#lastUse;
    return use;
  }
}

function useBetween(from: TimedSample, to: TimedSample): ServerUse {
  const seconds = (to.atMs - from.atMs) / 1_000;
  const rate = (now: number, before: number) => sinceThen(now, before) / seconds;
  const before = new Map(from.sample.workers.map((worker) => [worker.name, worker.cpuSeconds]));
  const workers = to.sample.workers.map(({ name, cpuSeconds, maxMemoryBytes }) => ({
    name,
    cores: rate(cpuSeconds, before.get(name) ?? cpuSeconds),
    memoryMb: maxMemoryBytes / 1e6,
  }));
  const waitedBefore = from.sample.waitSeconds;
  const waits = to.sample.waitSeconds?.map((now, index) => rate(now, waitedBefore?.[index] ?? now));
  return {
    serverCores: rate(to.sample.cpuSeconds, from.sample.cpuSeconds),
    workerCores: workers.reduce((sum, { cores }) => sum + cores, 0),
    memoryBytes: to.sample.memoryBytes,
    workers,
    waitShare: waits === undefined ? undefined : Math.max(0, ...waits),
  };
}

/** A counter that is lower than it was belongs to another process, which began at 0. */
function sinceThen(now: number, before: number): number {
  return now < before ? now : now - before;
}
