import { randomInt } from "node:crypto";
import type { PortRange } from "../turn-options.ts";

/** Which ports of a range are in use: one pool for each relay address. */
export class PortPool {
  readonly #range: PortRange;
  readonly #used: Uint8Array;
  #usedCount = 0;

  constructor(range: PortRange) {
    this.#range = range;
    this.#used = new Uint8Array(range.max - range.min + 1);
  }

  get used(): number {
    return this.#usedCount;
  }

  get full(): boolean {
    return this.#usedCount === this.#used.length;
  }

  /**
   * Ports that are free, each once, from a random one on: a port that can't be guessed, and that is
   * not soon given again, spares new allocations the late packets of old ones (RFC 6056).
   * `even` keeps to even ports; `pair` asks that the next port is free as well.
   */
  *candidates(want: { even: boolean; pair: boolean }): Generator<number> {
    if (this.full) return;
    const size = this.#used.length;
    const first = randomInt(size);
    for (let step = 0; step < size; step += 1) {
      const port = this.#range.min + ((first + step) % size);
      if (want.even && port % 2 !== 0) continue;
      if (want.pair && !this.#isFree(port + 1)) continue;
      if (this.#isFree(port)) yield port;
    }
  }

  take(port: number): void {
    if (!this.#isFree(port)) throw new RangeError(`relay port ${port} is not free`);
    this.#used[port - this.#range.min] = 1;
    this.#usedCount += 1;
  }

  giveBack(port: number): void {
    if (this.#used[port - this.#range.min] !== 1) return;
    this.#used[port - this.#range.min] = 0;
    this.#usedCount -= 1;
  }

  #isFree(port: number): boolean {
    return this.#used[port - this.#range.min] === 0;
  }
}
