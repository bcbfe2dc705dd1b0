import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";
import { loggableError } from "../observability/index.ts";
import type { MediaPort } from "./media-worker.ts";
import { MediaWorker } from "./media-worker.ts";
import { RestartBackoff } from "./restart-backoff.ts";
import type { ResolvedSfuOptions } from "./sfu-options.ts";

interface Slot {
  readonly index: number;
  readonly backoff: RestartBackoff;
  worker: MediaWorker | undefined;
  /** Of its first worker. Those after it take the same, also where they were any free ones. */
  ports: readonly MediaPort[];
}

/** How mediasoup words the exit of a worker that was asked to end. */
const EXITED_IN_ORDER = /\bcode:0\b/;

/**
 * As many workers as the options ask for. A worker that dies is replaced, at first at once, later
 * with growing delays (see restart-backoff.ts), in the same slot and so on the same port.
 *
 * Owned by the Sfu, which closes it last. It owns the workers, tells `worker:died` before it
 * begins the replacement, and tells nothing of workers that it closed itself.
 */
export class WorkerPool {
  readonly #options: ResolvedSfuOptions;
  readonly #slots: Slot[];
  readonly #scope: Scope;
  readonly #events = new Emitter<{ "worker:died": { worker: MediaWorker } }>();
  #deaths = 0;

  /** Resolves when all workers listen. When one of them can't, closes the others and rejects. */
  static async create(options: ResolvedSfuOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    const starts = await Promise.allSettled(pool.#slots.map((slot) => pool.#start(slot)));
    const failure = starts.find((start) => start.status === "rejected");
    if (failure === undefined) return pool;
    await pool.close();
    throw new Error("A media worker did not start", { cause: failure.reason });
  }

  constructor(options: ResolvedSfuOptions) {
    this.#options = options;
    this.#scope = new Scope("worker pool", options.clock);
    this.#slots = Array.from({ length: options.workerCount }, (_, index) => ({
      index,
      backoff: new RestartBackoff(),
      worker: undefined,
      ports: [],
    }));
  }

  /** Those that run now. */
  get workers(): MediaWorker[] {
    return this.#slots.flatMap(({ worker }) =>
      worker === undefined || worker.closed ? [] : [worker],
    );
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Where media is taken, also while a worker is being replaced. */
  get ports(): MediaPort[] {
    return this.#slots.flatMap(({ ports }) => ports);
  }

  /** Workers that have ended by themselves since the pool began. */
  get deaths(): number {
    return this.#deaths;
  }

  onWorkerDied(listener: (event: { worker: MediaWorker }) => void): () => void {
    return this.#events.on("worker:died", listener);
  }

  /** Resolves when the processes have ended. */
  async close(): Promise<void> {
    this.#scope.end("sfu-closed");
    await Promise.all(this.workers.map((worker) => worker.close("sfu-closed")));
  }

  async #start(slot: Slot): Promise<void> {
    const { logger, clock } = this.#options;
    const worker = await MediaWorker.create(slot.index, this.#options, slot.ports);
    if (this.#scope.ended) {
      await worker.close("sfu-closed");
      return;
    }
    slot.worker = worker;
    slot.ports = worker.ports;
    slot.backoff.started(clock.now());
    worker.onDied(({ error }) => {
      this.#deaths += 1;
      // A signal to the whole process group, as by Ctrl-C, ends workers in order, before us.
      if (EXITED_IN_ORDER.test(error.message)) {
        logger.info({ worker: slot.index }, "media worker ended");
      } else {
        logger.error({ worker: slot.index, error: loggableError(error) }, "media worker died");
      }
      slot.worker = undefined;
      this.#events.emit("worker:died", { worker });
      this.#restart(slot);
    });
    logger.info({ worker: slot.index, pid: worker.pid }, "media worker started");
  }

  #restart(slot: Slot): void {
    const { logger, clock } = this.#options;
    const delayMs = slot.backoff.failed(clock.now());
    this.#scope.after(delayMs, () => {
      this.#start(slot).catch((error: unknown) => {
        const fields = { worker: slot.index, delayMs, error: loggableError(error) };
        logger.error(fields, "media worker did not start again");
        this.#restart(slot);
      });
    });
  }
}
