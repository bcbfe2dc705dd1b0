import type { CipherSuite } from "./cipher-suite.ts";
import { FrameError } from "./frame-error.ts";
import { MAX_LEAF_INDEX } from "./key-id.ts";

/** What the group hands to the frame layer for each of its epochs. */
export interface EpochKeys {
  /** The MLS epoch. */
  readonly epoch: number;
  /**
   * The base key of RFC 9605 section 5.2, already mixed with the link's media share. As long as
   * a key of the cipher suite: 32 bytes for the default one. Different in each epoch of each group.
   */
  readonly baseKey: Uint8Array;
  readonly ownLeafIndex: number;
  /** Who holds which leaf in this epoch, oneself included. */
  readonly leaves: readonly LeafOwner[];
}

export interface LeafOwner {
  readonly participantId: string;
  readonly leafIndex: number;
}

/** Throws `bad-argument` for keys that the frame layer must not use. */
export function assertEpochKeys(keys: EpochKeys, suite: CipherSuite): void {
  if (!Number.isSafeInteger(keys.epoch) || keys.epoch < 0) {
    throw new FrameError("bad-argument", "the epoch must be a whole number");
  }
  if (keys.baseKey.length !== suite.keyBytes) {
    throw new FrameError("bad-argument", `expected a base key of ${suite.keyBytes} bytes`);
  }
  const seen = new Set<number>();
  for (const { leafIndex, participantId } of keys.leaves) {
    if (!Number.isSafeInteger(leafIndex) || leafIndex < 0 || leafIndex > MAX_LEAF_INDEX) {
      throw new FrameError("bad-argument", `a leaf index must lie within 0 and ${MAX_LEAF_INDEX}`);
    }
    if (seen.has(leafIndex)) {
      throw new FrameError("bad-argument", `leaf ${leafIndex} has two owners`);
    }
    if (participantId === "") throw new FrameError("bad-argument", "a participant id is empty");
    seen.add(leafIndex);
  }
  if (!seen.has(keys.ownLeafIndex)) {
    throw new FrameError("bad-argument", "the own leaf is not in the roster");
  }
}
