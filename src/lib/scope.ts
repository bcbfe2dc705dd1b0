import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";
import { ClosedError } from "./closed-error.ts";

/**
 * Owns what a resource must give back: listeners, timers, children. Ending the scope gives back
 * everything in reverse order of its arrival, once, and remembers why.
 */
export class Scope {
  readonly #what: string;
  readonly #clock: Clock;
  #disposers = new Set<() => void>();
  #endReason: string | undefined;

  /** `what` names the owner in the `ClosedError`s that come after the end. */
  constructor(what: string, clock: Clock = systemClock) {
    this.#what = what;
    this.#clock = clock;
  }

  get ended(): boolean {
    return this.#endReason !== undefined;
  }

  get endReason(): string | undefined {
    return this.#endReason;
  }

  /** Throws `ClosedError` once the scope has ended. Call it again after each `await`. */
  assertOpen(): void {
    if (this.#endReason !== undefined) throw new ClosedError(this.#what, this.#endReason);
  }

  /**
   * Takes charge of `dispose`; the returned function gives the charge back without calling it.
   * A scope that has ended already calls `dispose` at once, so that nothing can slip past the end.
   */
  add(dispose: () => void): () => void {
    if (this.ended) {
      dispose();
      return () => {};
    }
    // Wrapped, so that the same function may be added twice.
    const entry = () => {
      dispose();
    };
    this.#disposers.add(entry);
    return () => {
      this.#disposers.delete(entry);
    };
  }

  /** A timer that ends with the scope; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void {
    if (this.ended) return () => {};
    const cancel = this.#clock.after(delayMs, () => {
      release();
      callback();
    });
    const release = this.add(cancel);
    return () => {
      release();
      cancel();
    };
  }

  /** A repeated timer that ends with the scope; the returned function ends it sooner. */
  every(periodMs: number, callback: () => void): () => void {
    if (this.ended) return () => {};
    const cancel = this.#clock.every(periodMs, callback);
    const release = this.add(cancel);
    return () => {
      release();
      cancel();
    };
  }

  /** Returns false when the scope had ended before. Errors of disposers are collected and thrown last. */
  end(reason: string): boolean {
    if (this.ended) return false;
    this.#endReason = reason;
    const disposers = [...this.#disposers].reverse();
    this.#disposers = new Set();
    const errors: unknown[] = [];
    for (const dispose of disposers) {
      try {
        dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${this.#what} did not close cleanly`);
    return true;
  }
}
