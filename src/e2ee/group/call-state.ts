import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "./equal-bytes.ts";
import type { Admission } from "./leaf-identity.ts";

/** What all members agree on besides the tree. */
export interface CallRules {
  /** Nobody is let in. */
  readonly locked: boolean;
  /** The admission key is not the first one any more: older leaves prove themselves by that. */
  readonly readmitted: boolean;
}

export const OPEN_CALL: CallRules = { locked: false, readmitted: false };

const VERSION = 1;
const LOCKED = 1;
const READMITTED = 2;
const VOUCH_BYTES = 32;
const STATE_BYTES = 2 + VOUCH_BYTES;
const LABEL = utf8ToBytes("Aparte tree vouch 1\0");

/** Which tree a member vouches for. */
export interface VouchedTree {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
}

/**
 * What a GroupInfo tells a newcomer about a call that is not as at its beginning, 34 bytes:
 * version (1) ‖ flags (1: 1 locked, 2 readmitted) ‖ vouch (32). The vouch is an HMAC-SHA-256 under
 * the admission key over the label, the flags, group, epoch and tree hash. With it whoever holds
 * the present link says that all leaves may be there, those too whose proofs were made with an
 * earlier link. Undefined for a call as at its beginning.
 */
export function encodeCallState(
  rules: CallRules,
  tree: VouchedTree,
  admission: Admission,
): Uint8Array | undefined {
  if (!rules.locked && !rules.readmitted) return undefined;
  const flags = (rules.locked ? LOCKED : 0) | (rules.readmitted ? READMITTED : 0);
  return concatBytes(Uint8Array.of(VERSION, flags), vouch(flags, tree, admission));
}

/** Undefined when it is malformed, or by nobody who holds this link. */
export function readCallState(
  bytes: Uint8Array | undefined,
  tree: VouchedTree,
  admission: Admission,
): CallRules | undefined {
  if (bytes === undefined) return OPEN_CALL;
  const [version, flags = 0] = bytes;
  if (bytes.length !== STATE_BYTES || version !== VERSION || flags > (LOCKED | READMITTED)) {
    return undefined;
  }
  if (!equalBytes(bytes.subarray(2), vouch(flags, tree, admission))) return undefined;
  return { locked: (flags & LOCKED) !== 0, readmitted: (flags & READMITTED) !== 0 };
}

function vouch(flags: number, tree: VouchedTree, { admissionKey }: Admission): Uint8Array {
  const epoch = new DataView(new ArrayBuffer(8));
  epoch.setBigUint64(0, tree.epoch);
  // The group id and the hash are of fixed lengths, so that no two inputs give the same bytes.
  const input = concatBytes(
    LABEL,
    Uint8Array.of(flags),
    tree.groupId,
    new Uint8Array(epoch.buffer),
    tree.treeHash,
  );
  return hmac(sha256, admissionKey, input);
}
