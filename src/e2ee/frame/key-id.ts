import { FrameError } from "./frame-error.ts";

/**
 * The key id, RFC 9605 section 5.2: `context << (S + E) | leaf index << E | epoch mod 2^E`, with
 * S = 16 and E = 4.
 *
 * The header carries the key id in as few bytes as it needs, 50 times a second for each
 * microphone. So the microphone has context 0, and its key id is just `leaf << 4 | epoch`: one
 * byte for the first 16 leaves, two bytes up to leaf 4095, three up to leaf 65535. With a counter
 * of two bytes (22 minutes of audio; epochs are shorter) the header of an audio frame takes 4 or
 * 5 bytes. Video has contexts from 1 on and always takes three bytes: 30 frames a second do not
 * feel the difference, and any S from 11 to 16 costs the same three bytes. So S is the largest
 * that does, and a group may grow to 65,536 leaves.
 *
 * E = 4 tells 16 epochs apart. A receiver keeps at most eight old ones (see `Keyring`), so an
 * epoch number never means two keys at once; a sender 16 epochs off is counted as `tampered`
 * instead of `no-key`, and nothing else goes wrong, since each epoch has its own base key.
 */
export interface KeyIdParts {
  readonly context: number;
  readonly leafIndex: number;
  /** The epoch modulo `EPOCH_RESIDUES`. */
  readonly epochResidue: number;
}

const EPOCH_BITS = 4;
const LEAF_BITS = 16;
const CONTEXT_BITS = 4;
const KEY_ID_END = 2 ** (CONTEXT_BITS + LEAF_BITS + EPOCH_BITS);
export const EPOCH_RESIDUES = 2 ** EPOCH_BITS;
export const MAX_LEAF_INDEX = 2 ** LEAF_BITS - 1;
export const MAX_CONTEXT = 2 ** CONTEXT_BITS - 1;

/** Throws `bad-argument` for a part that has no place in the layout. */
export function encodeKeyId(context: number, leafIndex: number, epoch: number): number {
  assertWithin("context", context, MAX_CONTEXT);
  assertWithin("leaf index", leafIndex, MAX_LEAF_INDEX);
  assertWithin("epoch", epoch, Number.MAX_SAFE_INTEGER);
  const stream = context * 2 ** LEAF_BITS + leafIndex;
  return stream * EPOCH_RESIDUES + (epoch % EPOCH_RESIDUES);
}

/** Undefined for a key id that this layout cannot have made. */
export function decodeKeyId(keyId: number): KeyIdParts | undefined {
  if (keyId < 0 || keyId >= KEY_ID_END) return undefined;
  return {
    context: keyId >>> (LEAF_BITS + EPOCH_BITS),
    leafIndex: (keyId >>> EPOCH_BITS) & MAX_LEAF_INDEX,
    epochResidue: keyId & (EPOCH_RESIDUES - 1),
  };
}

function assertWithin(what: string, value: number, maximum: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > maximum) {
    throw new FrameError("bad-argument", `the ${what} must be a whole number up to ${maximum}`);
  }
}
