import { Worker } from "node:worker_threads";
import type { Clock } from "../../lib/clock.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import type {
  DrainOptions,
  DrainResult,
  TurnAddresses,
  TurnEngine,
  TurnEngineEvents,
} from "../turn-engine.ts";
import { TurnEngineError } from "../turn-engine.ts";
import type { TurnOptions } from "../turn-options.ts";
import type { TurnStats } from "../turn-stats.ts";
import { TurnCounters } from "../turn-stats.ts";
import type { ThreadCommand, ThreadData, ThreadReport } from "./thread-messages.ts";

/** Waits before the first, second, … restart in a row; the last one holds from then on. */
const restartDelaysMs = [100, 200, 500, 1_000, 2_000, 5_000];
/** Who has lived so long has not died of its birth: the next restart is a first one. */
const settledMs = 60_000;
/** A thread that does not end when it is asked to is ended. */
const closePatienceMs = 5_000;
const drainPollMs = 100;
/** Far above what the limits add up to: a leak ends the thread, not the process. */
const heapMegabytes = 256;

export type SpawnThread = (data: ThreadData) => Worker;

interface RunningThread {
  readonly worker: Worker;
  readonly exited: Promise<void>;
}

/**
 * The builtin TURN core in a thread of its own, so that neither media delays signaling nor signaling
 * media. The thread is started again when it dies.
 */
export class BuiltinEngine implements TurnEngine {
  readonly events = new Emitter<TurnEngineEvents>();
  readonly #counters = new TurnCounters();
  readonly #scope: Scope;
  readonly #clock: Clock;
  readonly #spawn: SpawnThread;
  #options: TurnOptions;
  #thread: RunningThread | undefined;
  #starting: Promise<TurnAddresses> | undefined;
  #running = false;
  #draining = false;
  #restarts = 0;
  #deathsInARow = 0;

  constructor(options: TurnOptions, clock: Clock, spawn: SpawnThread = spawnThread) {
    this.#options = options;
    this.#clock = clock;
    this.#spawn = spawn;
    this.#scope = new Scope("TURN engine", clock);
  }

  start(): Promise<TurnAddresses> {
    this.#starting ??= this.#launch();
    return this.#starting;
  }

  async drain({ deadlineMs }: DrainOptions): Promise<DrainResult> {
    this.#scope.assertOpen();
    this.#draining = true;
    this.#command({ type: "drain" });
    const endsAtMs = this.#clock.now() + deadlineMs;
    while (this.#allocations > 0 && this.#clock.now() < endsAtMs && !this.#scope.ended) {
      await this.#pause(Math.min(drainPollMs, endsAtMs - this.#clock.now()));
    }
    return { remaining: this.#allocations };
  }

  async close(reason: string): Promise<void> {
    this.#scope.end(reason);
    this.#running = false;
    const thread = this.#thread;
    if (thread === undefined) return;
    this.#command({ type: "close", reason });
    const cancel = this.#clock.after(closePatienceMs, () => void thread.worker.terminate());
    await thread.exited;
    cancel();
    this.#counters.clearGauges();
  }

  stats(): TurnStats {
    return { running: this.#running, restarts: this.#restarts, ...this.#counters.snapshot() };
  }

  get #allocations(): number {
    return this.#counters.snapshot().gauges.allocations;
  }

  /** Starts a thread and resolves once it listens. */
  async #launch(): Promise<TurnAddresses> {
    this.#scope.assertOpen();
    const worker = this.#spawn({ options: this.#options, counters: this.#counters.memory });
    const listening = new Promise<TurnAddresses>((resolve, reject) => {
      worker.on("message", (report: ThreadReport) => {
        if (report.type === "listening") resolve(report.addresses);
        else if (report.type === "listen-failed") {
          reject(new TurnEngineError("listen-failed", report.message));
        } else if (report.type === "fault") {
          this.events.emit("engine:fault", { reason: report.message });
        }
      });
      worker.once("exit", () => {
        reject(new TurnEngineError("engine-failed", "the TURN thread ended before it listened"));
      });
    });
    this.#thread = { worker, exited: this.#watch(worker) };
    const addresses = await listening;
    this.#scope.assertOpen();
    this.#running = true;
    if (this.#draining) this.#command({ type: "drain" });
    // After a restart clients must find us where they were told, also when the port was a free one.
    this.#options = { ...this.#options, listeners: pinned(this.#options, addresses) };
    return addresses;
  }

  /** Resolves when the thread is gone; restarts it when nobody had asked for that. */
  #watch(worker: Worker): Promise<void> {
    const startedAtMs = this.#clock.now();
    let reason = "it ended by itself";
    worker.on("error", (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    return new Promise((resolve) => {
      worker.once("exit", () => {
        resolve();
        const died = this.#running && !this.#scope.ended;
        this.#thread = undefined;
        this.#running = false;
        this.#counters.clearGauges();
        if (!died) return;
        if (this.#clock.now() - startedAtMs >= settledMs) this.#deathsInARow = 0;
        this.#scheduleRestart(reason);
      });
    });
  }

  #scheduleRestart(reason: string): void {
    const delay = restartDelaysMs[Math.min(this.#deathsInARow, restartDelaysMs.length - 1)];
    const restartInMs = delay ?? 0;
    this.#deathsInARow += 1;
    this.events.emit("engine:died", { reason, restartInMs });
    this.#scope.after(restartInMs, () => {
      void this.#restart();
    });
  }

  async #restart(): Promise<void> {
    this.#restarts += 1;
    try {
      this.events.emit("engine:restarted", await this.#launch());
    } catch (error) {
      if (this.#scope.ended) return;
      this.#scheduleRestart(error instanceof Error ? error.message : String(error));
    }
  }

  #command(command: ThreadCommand): void {
    this.#thread?.worker.postMessage(command satisfies ThreadCommand, []);
  }

  #pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(durationMs, resolve);
    });
  }
}

function pinned(options: TurnOptions, { listeners }: TurnAddresses): TurnOptions["listeners"] {
  return options.listeners.map((listener, index) => ({
    ...listener,
    port: listeners[index]?.port ?? listener.port,
  }));
}

function spawnThread(data: ThreadData): Worker {
  return new Worker(new URL("./thread.ts", import.meta.url), {
    name: "turn",
    workerData: data,
    // The environment may hold secrets that are none of the relay's business.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
}
