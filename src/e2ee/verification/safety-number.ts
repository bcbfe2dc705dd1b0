import { sha256 } from "@noble/hashes/sha2.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { toDigits } from "./digits.ts";

/** One side of a pair. */
export interface SafetyParty {
  /** A public key: Ed25519's 32 bytes, or a longer one. */
  readonly signatureKey: Uint8Array;
  /** What the key is held to stand for, at most 255 bytes; empty for a key that stands for itself. */
  readonly id: Uint8Array;
}

const SALT = utf8ToBytes("Aparte safety number 1");
const LONG_KEY_LABEL = utf8ToBytes("Aparte safety key 1\0");
const KEY_BYTES = 32;
const DIGIT_GROUPS = 9;
/** Each guess of somebody who looks for a key with a similar number costs 16 MiB and this time. */
const COST = { N: 16_384, r: 8, p: 2, dkLen: 64 } as const;

/**
 * 45 decimal digits (about 150 bits) that are the same on both sides if each holds the other's true
 * key: scrypt (RFC 7914) over both parties, the lower encoding first. It takes some tenths of a
 * second in pieces of 10 ms, so that a page stays alive. Throws `RangeError` for a key that is shorter
 * than 32 bytes, or an id that is too long.
 */
export async function safetyNumber(a: SafetyParty, b: SafetyParty): Promise<string> {
  const [first, second] = [encodeParty(a), encodeParty(b)].sort(compareBytes);
  if (first === undefined || second === undefined) throw new RangeError("a pair has two sides");
  return toDigits(await scryptAsync(concatBytes(first, second), SALT, COST), DIGIT_GROUPS);
}

/**
 * Key ‖ length of the id ‖ id, so that no two parties have the same encoding. Longer keys are hashed to
 * 32 bytes first, with a label, so that none is taken for another.
 */
function encodeParty({ signatureKey, id }: SafetyParty): Uint8Array {
  if (signatureKey.length < KEY_BYTES) throw new RangeError("a signature key has 32 bytes");
  if (id.length > 255) throw new RangeError("the id is too long");
  const key =
    signatureKey.length === KEY_BYTES
      ? signatureKey
      : sha256(concatBytes(LONG_KEY_LABEL, signatureKey));
  return concatBytes(key, Uint8Array.of(id.length), id);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (const [index, byte] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (byte !== other) return byte - other;
  }
  return a.length - b.length;
}
