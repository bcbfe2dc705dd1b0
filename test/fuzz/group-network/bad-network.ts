import type { SeededRandom } from "../e2ee-group/seeded-random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Chances of 1,000. */
export interface Faults {
  readonly lost: number;
  readonly doubled: number;
  readonly maxDelayMs: number;
}

export const GOOD_NETWORK: Faults = { lost: 0, doubled: 0, maxDelayMs: 20 };

/** Carries messages late, twice, in another order, or not at all. */
export class BadNetwork {
  faults: Faults;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;

  constructor(time: VirtualTime, random: SeededRandom, faults: Faults) {
    this.#time = time;
    this.#random = random;
    this.faults = faults;
  }

  /** One way; each copy takes a time of its own. */
  carry(deliver: () => void): void {
    const { lost, doubled, maxDelayMs } = this.faults;
    if (this.#random.below(1_000) < lost) return;
    const copies = this.#random.below(1_000) < doubled ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#time.after(1 + this.#random.below(maxDelayMs), deliver);
    }
  }

  /** There and back; nothing is asked twice, as nothing is on a real connection. */
  carryOnce(deliver: () => void): void {
    if (this.#random.below(1_000) < this.faults.lost) return;
    this.#time.after(1 + this.#random.below(this.faults.maxDelayMs), deliver);
  }
}
