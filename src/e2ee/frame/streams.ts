import { FrameError } from "./frame-error.ts";
import type { LazyCipher } from "./lazy-cipher.ts";

/**
 * Frames that one key may seal. Far below the limits of AES-GCM with counters as nonces
 * (RFC 9605 section 9.1), and at 90 frames a second more than a year.
 */
export const MAX_FRAMES_PER_KEY = 2 ** 32;

/**
 * One source of one sender in one epoch, seen by that sender: the key and the only counter for it.
 * All simulcast layers, and all senders that carry the source one after another, share it.
 */
export class SendingStream {
  readonly keyId: number;
  readonly cipher: LazyCipher;
  #next: number;

  constructor(keyId: number, cipher: LazyCipher, firstCounter = 0) {
    this.keyId = keyId;
    this.cipher = cipher;
    this.#next = firstCounter;
  }

  /** A counter that was never given out before. Throws `counter-exhausted` after the last one. */
  takeCounter(): number {
    if (this.#next >= MAX_FRAMES_PER_KEY) {
      throw new FrameError("counter-exhausted", "the key has sealed all frames that it may");
    }
    const counter = this.#next;
    this.#next += 1;
    return counter;
  }
}

/** One source of one sender in one epoch, seen by a receiver. */
export class ReceivingStream {
  readonly cipher: LazyCipher;
  #highest = -1;

  constructor(cipher: LazyCipher) {
    this.cipher = cipher;
  }

  /**
   * The highest counter that any receiver of this stream has opened, or -1. A second receiver of
   * the same stream (a move to another node opens the new one first) begins its replay window
   * below it, so that a server cannot play the past again by offering the stream anew.
   */
  get highest(): number {
    return this.#highest;
  }

  noteOpened(counter: number): void {
    this.#highest = Math.max(this.#highest, counter);
  }
}
