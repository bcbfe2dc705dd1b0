import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { EpochKeys } from "./epoch-keys.ts";

/** What the keys of one sender come from: the epoch's base key, and the leaf. */
export type SendingKeys = Pick<EpochKeys, "baseKey" | "ownLeafIndex">;

/**
 * Remembers which keys have been given out for sending, by a fingerprint that tells nothing of
 * them. It is what makes a repeated counter impossible: counters begin at zero with each new
 * sending state, so no leaf may ever get a second one for the same base key.
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

  has(keys: SendingKeys): boolean {
    return this.#fingerprints.has(fingerprintOf(keys));
  }

  add(keys: SendingKeys): void {
    this.#fingerprints.add(fingerprintOf(keys));
    if (this.#fingerprints.size <= this.#limit) return;
    for (const oldest of this.#fingerprints) {
      this.#fingerprints.delete(oldest);
      return;
    }
  }
}

/** 16 bytes of SHA-256 over the leaf's number and the base key, in hexadecimal. */
export function fingerprintOf({ baseKey, ownLeafIndex }: SendingKeys): string {
  const leaf = new Uint8Array(4);
  new DataView(leaf.buffer).setUint32(0, ownLeafIndex);
  return bytesToHex(sha256.create().update(leaf).update(baseKey).digest().subarray(0, 16));
}
