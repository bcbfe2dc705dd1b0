import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import type { CipherSuite } from "./cipher-suite.ts";
import { NONCE_BYTES } from "./cipher-suite.ts";
import { FrameError } from "./frame-error.ts";

/** What RFC 9605 section 4.4.2 derives for one key id: who has these can seal and open for it. */
export interface FrameSecrets {
  /** `suite.keyBytes` bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly salt: Uint8Array;
}

const NO_SALT = new Uint8Array(0);

/**
 * Key and salt of one key id from a base key of any length, RFC 9605 section 4.4.2:
 * `HKDF-Expand(HKDF-Extract("", base_key), label || key id (8 bytes) || suite (2 bytes), length)`.
 */
export function deriveFrameSecrets(
  suite: CipherSuite,
  keyId: bigint,
  baseKey: Uint8Array,
): FrameSecrets {
  if (baseKey.length === 0) throw new FrameError("bad-argument", "the base key is empty");
  const secret = extract(suite.hash, baseKey, NO_SALT);
  const key = expand(suite.hash, secret, keyLabel(keyId, suite), suite.keyBytes);
  const salt = expand(suite.hash, secret, saltLabel(keyId, suite), NONCE_BYTES);
  secret.fill(0);
  return { key, salt };
}

export function keyLabel(keyId: bigint, suite: CipherSuite): Uint8Array {
  return label("SFrame 1.0 Secret key ", keyId, suite);
}

export function saltLabel(keyId: bigint, suite: CipherSuite): Uint8Array {
  return label("SFrame 1.0 Secret salt ", keyId, suite);
}

/** The salt XOR the counter as a number of 12 bytes, RFC 9605 section 4.4.3. */
export function nonceOf(salt: Uint8Array, counter: bigint | number): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_BYTES);
  writeNonce(nonce, salt, counter);
  return nonce;
}

/**
 * Writes the nonce over what stood in `target`. Media's counters are numbers, for which this is six
 * times as fast as with the bigints that the whole range needs.
 */
export function writeNonce(target: Uint8Array, salt: Uint8Array, counter: bigint | number): void {
  const [high, low] = wordsOf(counter);
  for (let index = 0; index < NONCE_BYTES; index += 1) {
    const shift = (NONCE_BYTES - 1 - index) * 8;
    const counterByte = shift >= 64 ? 0 : shift >= 32 ? high >>> (shift - 32) : low >>> shift;
    target[index] = (salt[index] ?? 0) ^ (counterByte & 0xff);
  }
}

/** The upper and the lower 32 bits. */
function wordsOf(counter: bigint | number): [number, number] {
  if (typeof counter === "number") return [Math.floor(counter / 2 ** 32), counter >>> 0];
  return [Number(counter >> 32n), Number(counter & 0xffff_ffffn)];
}

function label(text: string, keyId: bigint, suite: CipherSuite): Uint8Array {
  const numbers = new Uint8Array(10);
  const view = new DataView(numbers.buffer);
  view.setBigUint64(0, keyId);
  view.setUint16(8, suite.id);
  return concatBytes(utf8ToBytes(text), numbers);
}
