import type { Clock } from "../../lib/clock.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";

/** What is being done about frames that there is no key for. */
export type RepairStage = "none" | "asking" | "rejoining";

export interface KeyRepairEvents {
  "stage:changed": RepairStage;
}

export interface KeyRepairOptions {
  readonly clock: Clock;
  /**
   * Asks for the commits that were missed or, with `anew`, enters the group again. Resolves when
   * that, and all that the group had to do before, is through.
   */
  readonly repair: (anew: boolean) => Promise<void>;
}

/** Keys arrive a little later than the first frames at each change: that is no trouble yet. */
const PATIENCE_MS = 1_000;
/** How long a repair has to show. */
const EFFECT_MS = 2_500;
/**
 * Entering anew costs everybody an epoch, and somebody hostile can send frames that no key opens:
 * each time it was in vain, the next one is twice as far away.
 */
const REJOIN_PAUSE_MS = 10_000;
const REJOIN_PAUSE_MAX_MS = 600_000;

/** Sees to it that missing keys are asked for, first gently, then by entering the group anew. */
export class KeyRepair {
  readonly events = new Emitter<KeyRepairEvents>();
  readonly #options: KeyRepairOptions;
  readonly #scope: Scope;
  #isMissing = false;
  /** Counts up, so that an attempt knows whether its trouble is still the same. */
  #trouble = 0;
  #stage: RepairStage = "none";
  #cancelStep: () => void = () => {};
  #rejoinPauseMs = REJOIN_PAUSE_MS;
  #lastRejoinAtMs = -Infinity;
  readonly #counts = { asked: 0, rejoined: 0, succeeded: 0 };

  constructor(options: KeyRepairOptions) {
    this.#options = options;
    this.#scope = new Scope("key repair", options.clock);
  }

  get stage(): RepairStage {
    return this.#stage;
  }

  /** How often each was done in this call. */
  get counts(): { readonly asked: number; readonly rejoined: number; readonly succeeded: number } {
    return { ...this.#counts };
  }

  /** Tells whether any member's frames lack a key at present. */
  update(isMissing: boolean): void {
    if (isMissing === this.#isMissing) return;
    this.#isMissing = isMissing;
    this.#trouble += 1;
    this.#cancelStep();
    if (isMissing) this.#next(PATIENCE_MS, () => this.#ask());
    else this.#succeed();
  }

  close(): void {
    this.#scope.end("closed");
    this.events.removeAllListeners();
  }

  #succeed(): void {
    if (this.#stage !== "none") this.#counts.succeeded += 1;
    this.#rejoinPauseMs = Math.max(REJOIN_PAUSE_MS, this.#rejoinPauseMs / 2);
    this.#setStage("none");
  }

  #ask(): void {
    this.#counts.asked += 1;
    this.#setStage("asking");
    this.#attempt(false, () => {
      const allowedAtMs = this.#lastRejoinAtMs + this.#rejoinPauseMs;
      const delayMs = Math.max(EFFECT_MS, allowedAtMs - this.#options.clock.now());
      this.#next(delayMs, () => this.#rejoin());
    });
  }

  #rejoin(): void {
    if (this.#lastRejoinAtMs !== -Infinity) {
      this.#rejoinPauseMs = Math.min(REJOIN_PAUSE_MAX_MS, this.#rejoinPauseMs * 2);
    }
    this.#lastRejoinAtMs = this.#options.clock.now();
    this.#counts.rejoined += 1;
    this.#setStage("rejoining");
    this.#attempt(true, () => {
      this.#next(EFFECT_MS, () => this.#ask());
    });
  }

  /**
   * The time for an effect begins when the attempt is through: a large group takes its time, and
   * whoever is only slow must not make it more by entering anew.
   */
  #attempt(anew: boolean, then: () => void): void {
    const trouble = this.#trouble;
    void this.#options.repair(anew).then(() => {
      if (this.#isMissing && this.#trouble === trouble) then();
    });
  }

  #next(delayMs: number, step: () => void): void {
    this.#cancelStep = this.#scope.after(delayMs, step);
  }

  #setStage(stage: RepairStage): void {
    if (stage === this.#stage) return;
    this.#stage = stage;
    this.events.emit("stage:changed", stage);
  }
}
