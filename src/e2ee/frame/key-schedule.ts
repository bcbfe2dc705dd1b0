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
  keyId: bigint | number,
  baseKey: Uint8Array,
): FrameSecrets {
  if (baseKey.length === 0) throw new FrameError("bad-argument", "the base key is empty");
  const secret = extract(suite.hash, baseKey, NO_SALT);
  const key = expand(suite.hash, secret, keyLabel(keyId, suite), suite.keyBytes);
  const salt = expand(suite.hash, secret, saltLabel(keyId, suite), NONCE_BYTES);
  secret.fill(0);
  return { key, salt };
}

export function keyLabel(keyId: bigint | number, suite: CipherSuite): Uint8Array {
  return label("SFrame 1.0 Secret key ", keyId, suite);
}

export function saltLabel(keyId: bigint | number, suite: CipherSuite): Uint8Array {
  return label("SFrame 1.0 Secret salt ", keyId, suite);
}

/** The salt XOR the counter as a number of 12 bytes, RFC 9605 section 4.4.3. */
export function nonceOf(salt: Uint8Array, counter: bigint | number): Uint8Array<ArrayBuffer> {
  const nonce = Uint8Array.from(salt);
  let rest = BigInt(counter);
  for (let index = NONCE_BYTES - 1; rest > 0n; index -= 1) {
    nonce[index] = (nonce[index] ?? 0) ^ Number(rest & 0xffn);
    rest >>= 8n;
  }
  return nonce;
}

function label(text: string, keyId: bigint | number, suite: CipherSuite): Uint8Array {
  const numbers = new Uint8Array(10);
  const view = new DataView(numbers.buffer);
  view.setBigUint64(0, BigInt(keyId));
  view.setUint16(8, suite.id);
  return concatBytes(utf8ToBytes(text), numbers);
}
