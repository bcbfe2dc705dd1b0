import type { Clock } from "../../../src/lib/clock.ts";

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Time that jumps from one event to the next as soon as all computing that the last one began has
 * ended. Hours pass in seconds, and the same seed gives the same run.
 */
export class VirtualTime implements Clock {
  readonly #work = new WorkWatch();
  #events: Event[] = [];
  #nowMs = Date.now();
  #order = 0;

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.#order += 1;
    const event = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, run: callback };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((each) => each !== event);
    };
  }

  every(periodMs: number, callback: () => void): () => void {
    let cancel = () => {};
    const next = () => {
      cancel = this.after(periodMs, () => {
        next();
        callback();
      });
    };
    next();
    return () => cancel();
  }

  /** Runs what falls due within the time, or until `done` says so. */
  async pass(durationMs: number, done: () => boolean = () => false): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    await this.#work.settled();
    while (!done()) {
      const next = this.#takeNext(endMs);
      if (next === undefined) break;
      this.#nowMs = next.atMs;
      next.run();
      await this.#work.settled();
    }
    if (!done()) this.#nowMs = endMs;
  }

  close(): void {
    this.#events = [];
    this.#work.stop();
  }

  #takeNext(endMs: number): Event | undefined {
    let next: Event | undefined;
    for (const event of this.#events) {
      if (event.atMs > endMs) continue;
      const isEarlier = next === undefined || event.atMs < next.atMs;
      if (isEarlier || (event.atMs === next?.atMs && event.order < next.order)) next = event;
    }
    this.#events = this.#events.filter((event) => event !== next);
    return next;
  }
}

const METHODS = [
  "importKey",
  "exportKey",
  "generateKey",
  "deriveBits",
  "digest",
  "sign",
  "verify",
  "encrypt",
  "decrypt",
] as const;

/** Knows when nothing is being computed: the only work beside the event loop is WebCrypto's. */
class WorkWatch {
  #pending = 0;
  readonly #restore: (() => void)[] = [];

  constructor() {
    for (const name of METHODS) this.#watch(name);
  }

  async settled(): Promise<void> {
    for (let calm = 0; calm < 2;) {
      await new Promise((resolve) => setImmediate(resolve));
      calm = this.#pending === 0 ? calm + 1 : 0;
    }
  }

  stop(): void {
    for (const restore of this.#restore) restore();
  }

  #watch(name: (typeof METHODS)[number]): void {
    const original: unknown = Reflect.get(crypto.subtle, name);
    if (typeof original !== "function") throw new Error(`no ${name}`);
    const watched = (...args: unknown[]): unknown => {
      this.#pending += 1;
      const result: unknown = Reflect.apply(original, crypto.subtle, args);
      const end = () => {
        this.#pending -= 1;
      };
      if (result instanceof Promise) void result.then(end, end);
      else end();
      return result;
    };
    Object.defineProperty(crypto.subtle, name, { value: watched, configurable: true });
    this.#restore.push(() => Reflect.deleteProperty(crypto.subtle, name));
  }
}
