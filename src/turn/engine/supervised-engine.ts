import type { Clock } from "../../lib/clock.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { checkTurnOptions } from "../check-options.ts";
import type {
  DrainOptions,
  DrainResult,
  TurnAddresses,
  TurnEngine,
  TurnEngineEvents,
} from "../turn-engine.ts";
import type { TurnCertificate, TurnOptions } from "../turn-options.ts";
import type { TurnStats } from "../turn-stats.ts";
import { TurnCounters } from "../turn-stats.ts";
import type { BeginLife, EngineCommand, EngineLife } from "./engine-life.ts";

/** Waits before the first, second, … restart in a row; the last one holds from then on. */
const restartDelaysMs = [100, 200, 500, 1_000, 2_000, 5_000];
/** Who has lived so long has not died of its birth: the next restart is a first one. */
const settledMs = 60_000;
/** A life that does not end when it is asked to is ended. */
const closePatienceMs = 5_000;
const drainPollMs = 100;

/**
 * An engine in a thread or process of its own, so that neither media delays signaling nor signaling
 * media. It is started again when it dies.
 */
export class SupervisedEngine implements TurnEngine {
  readonly events = new Emitter<TurnEngineEvents>();
  readonly #counters = new TurnCounters();
  readonly #scope: Scope;
  readonly #clock: Clock;
  readonly #begin: BeginLife;
  #options: TurnOptions;
  #life: EngineLife | undefined;
  #starting: Promise<TurnAddresses> | undefined;
  #running = false;
  #draining = false;
  #restarts = 0;
  #deathsInARow = 0;

  constructor(options: TurnOptions, clock: Clock, begin: BeginLife) {
    this.#options = options;
    this.#clock = clock;
    this.#begin = begin;
    this.#scope = new Scope("TURN engine", clock);
  }

  start(): Promise<TurnAddresses> {
    this.#starting ??= this.#launch();
    return this.#starting;
  }

  useSecrets(secrets: readonly string[]): void {
    this.#change({ ...this.#options, secrets });
    this.#life?.command({ type: "secrets", secrets });
  }

  useCertificate(certificate: TurnCertificate): void {
    const listeners = this.#options.listeners.map((listener) =>
      listener.protocol === "tls" ? { ...listener, tls: certificate } : listener,
    );
    this.#change({ ...this.#options, listeners });
    if (!listeners.some(({ protocol }) => protocol === "tls")) return;
    this.#life?.command({ type: "certificate", certificate });
  }

  async drain({ deadlineMs }: DrainOptions): Promise<DrainResult> {
    this.#scope.assertOpen();
    this.#draining = true;
    this.#life?.command({ type: "drain" });
    const endsAtMs = this.#clock.now() + deadlineMs;
    while (this.#allocations > 0 && this.#clock.now() < endsAtMs && !this.#scope.ended) {
      await this.#pause(Math.min(drainPollMs, endsAtMs - this.#clock.now()));
    }
    return { remaining: this.#allocations };
  }

  async close(reason: string): Promise<void> {
    this.#scope.end(reason);
    this.#running = false;
    const life = this.#life;
    if (life === undefined) return;
    life.command({ type: "close", reason } satisfies EngineCommand);
    const cancel = this.#clock.after(closePatienceMs, () => {
      life.kill();
    });
    await life.ended;
    cancel();
    this.#counters.clearGauges();
  }

  stats(): TurnStats {
    return { running: this.#running, restarts: this.#restarts, ...this.#counters.snapshot() };
  }

  get #allocations(): number {
    return this.#counters.snapshot().gauges.allocations;
  }

  #change(options: TurnOptions): void {
    this.#scope.assertOpen();
    checkTurnOptions(options);
    this.#options = options;
  }

  /** Begins a life and resolves once it listens. */
  async #launch(): Promise<TurnAddresses> {
    this.#scope.assertOpen();
    const life = this.#begin({
      options: this.#options,
      counters: this.#counters,
      onFault: (reason) => {
        this.events.emit("engine:fault", { reason });
      },
    });
    this.#life = life;
    void this.#watch(life);
    const addresses = await life.listening;
    this.#scope.assertOpen();
    this.#running = true;
    if (this.#draining) life.command({ type: "drain" });
    // After a restart clients must find us where they were told, also when the port was a free one.
    this.#options = { ...this.#options, listeners: pinned(this.#options, addresses) };
    return addresses;
  }

  /** Restarts a life that ended when nobody had asked for that. */
  async #watch(life: EngineLife): Promise<void> {
    const startedAtMs = this.#clock.now();
    const reason = await life.ended;
    const died = this.#running && !this.#scope.ended;
    this.#life = undefined;
    this.#running = false;
    this.#counters.clearGauges();
    if (!died) return;
    if (this.#clock.now() - startedAtMs >= settledMs) this.#deathsInARow = 0;
    this.#scheduleRestart(reason);
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
