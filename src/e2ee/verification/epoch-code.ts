import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { CodeEmoji } from "./code-emoji.ts";
import { CODE_EMOJI } from "./code-emoji.ts";
import { toDigits } from "./digits.ts";

/** What everybody in an epoch can compare: equal for all of its members, and for nobody else. */
export interface EpochCode {
  /** 30 decimal digits, about 100 bits. */
  readonly digits: string;
  /** 12 pictures of 64, 72 bits. */
  readonly emoji: readonly CodeEmoji[];
}

const DIGIT_GROUPS = 6;
const EMOJI_COUNT = 12;
const EMOJI_LABEL = utf8ToBytes("Aparte epoch emoji 1");

/**
 * The code of an epoch, from its authenticator (RFC 9420 section 8.7; 64 bytes). The digits are of
 * its first 30 bytes; the pictures come of a hash, so that neither tells of the other.
 */
export function epochCode(epochAuthenticator: Uint8Array): EpochCode {
  const hash = sha512(concatBytes(EMOJI_LABEL, epochAuthenticator));
  const emoji = Array.from({ length: EMOJI_COUNT }, (_, index) => {
    // 64 divides 256, so that each picture is as likely as the others.
    const entry = CODE_EMOJI[(hash[index] ?? 0) % CODE_EMOJI.length];
    if (entry === undefined) throw new RangeError("there are not 64 pictures");
    return entry;
  });
  return { digits: toDigits(epochAuthenticator, DIGIT_GROUPS), emoji };
}
