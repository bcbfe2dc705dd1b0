import { FrameError } from "./frame-error.ts";

/**
 * Which counters of one sender key have been opened, for the last `size` counters. RFC 9605
 * section 9.3 leaves replay protection to the application; this is the sliding window of
 * RFC 4303 section 3.4.3.
 *
 * Counters are numbers here: a sender stops long before 2^53 (see `SendingStream`).
 */
export class ReplayWindow {
  readonly #size: number;
  readonly #seen: Uint32Array;
  /** The lowest counter that may still be opened. */
  #floor: number;
  /** One above the highest counter that was opened. */
  #next: number;

  /** `size` is in counters, a multiple of 32. Counters below `floor` count as opened. */
  constructor(size = DEFAULT_REPLAY_WINDOW, floor = 0) {
    if (!Number.isSafeInteger(size) || size < 32 || size % 32 !== 0) {
      throw new FrameError("bad-argument", "the window's size must be a multiple of 32");
    }
    this.#size = size;
    this.#seen = new Uint32Array(size / 32);
    this.#floor = floor;
    this.#next = floor;
  }

  /** True when a frame with this counter may still be opened. */
  isFresh(counter: number): boolean {
    if (counter < this.#floor) return false;
    return counter >= this.#next || !this.#isMarked(counter);
  }

  /**
   * Marks the counter as opened, and says whether it was fresh. Call it only for a frame whose
   * tag matched: otherwise a forged frame could move the window and shut out real ones.
   */
  accept(counter: number): boolean {
    if (!this.isFresh(counter)) return false;
    if (counter >= this.#next) this.#advanceTo(counter + 1);
    const slot = counter % this.#size;
    const word = slot >>> 5;
    this.#seen[word] = (this.#seen[word] ?? 0) | (1 << (slot & 31));
    return true;
  }

  #advanceTo(next: number): void {
    if (next - this.#next >= this.#size) this.#seen.fill(0);
    else for (let counter = this.#next; counter < next; counter += 1) this.#unmark(counter);
    this.#next = next;
    this.#floor = Math.max(this.#floor, next - this.#size);
  }

  #isMarked(counter: number): boolean {
    const slot = counter % this.#size;
    return ((this.#seen[slot >>> 5] ?? 0) & (1 << (slot & 31))) !== 0;
  }

  #unmark(counter: number): void {
    const slot = counter % this.#size;
    const word = slot >>> 5;
    this.#seen[word] = (this.#seen[word] ?? 0) & ~(1 << (slot & 31));
  }
}

/**
 * Counters that a frame may come late: 11 seconds of three simulcast layers at 30 frames a
 * second, which share one counter; 20 seconds of audio. Longer than any retransmission.
 */
export const DEFAULT_REPLAY_WINDOW = 1024;
