import type { Clock } from "../../src/lib/clock.ts";

interface Timer {
  dueMs: number;
  periodMs: number | undefined;
  callback: () => void;
}

/** A clock that stands still until `advance` moves it. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<Timer>();

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  /** Timers that are still to fire: zero means that nothing was left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#start({ dueMs: this.#nowMs + delayMs, periodMs: undefined, callback });
  }

  every(periodMs: number, callback: () => void): () => void {
    return this.#start({ dueMs: this.#nowMs + periodMs, periodMs, callback });
  }

  /** Fires, in order, everything that falls due within the next `durationMs`. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const next = [...this.#timers]
        .filter((timer) => timer.dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      if (next.periodMs === undefined) this.#timers.delete(next);
      else next.dueMs += next.periodMs;
      next.callback();
    }
    this.#nowMs = endMs;
  }

  #start(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }
}
