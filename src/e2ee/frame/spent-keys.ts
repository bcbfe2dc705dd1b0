import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/**
 * Remembers which base keys have been given out for sending, by a fingerprint that tells nothing
 * of the key. It is what makes a repeated counter impossible: counters begin at zero with each
 * new sending state, so no base key may ever get a second one.
 */
export class SpentKeys {
  readonly #limit: number;
  readonly #fingerprints = new Set<string>();

  /**
   * With more than `limit` keys the oldest are forgotten. A group deletes the secrets of past
   * epochs, so nobody can hand in a key that lies thousands of epochs back.
   */
  constructor(limit = 16_384) {
    this.#limit = limit;
  }

  has(baseKey: Uint8Array): boolean {
    return this.#fingerprints.has(fingerprintOf(baseKey));
  }

  add(baseKey: Uint8Array): void {
    this.#fingerprints.add(fingerprintOf(baseKey));
    if (this.#fingerprints.size <= this.#limit) return;
    for (const oldest of this.#fingerprints) {
      this.#fingerprints.delete(oldest);
      return;
    }
  }
}

/** 16 bytes of SHA-256 in hexadecimal. */
export function fingerprintOf(baseKey: Uint8Array): string {
  return bytesToHex(sha256(baseKey).subarray(0, 16));
}
