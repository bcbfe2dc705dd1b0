import { toBase64Url } from "../../lib/base64url.ts";
import { refuse } from "./group-error.ts";
import { GROUP_LIMITS } from "./group-limits.ts";
import type { LeafAdmission } from "./leaf-admission.ts";

/** A leaf of the tree as this floor needs it, free of the MLS library's types. */
export interface Leaf {
  readonly leafIndex: number;
  /** The basic credential's identity; undefined for credentials of other types. */
  readonly identity: Uint8Array | undefined;
  readonly signatureKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
  /** It announces our version, suite and credential type, and carries no extension. */
  readonly plain: boolean;
}

export interface GroupMember {
  /** 16 bytes in base64url. */
  readonly participantId: string;
  readonly leafIndex: number;
  /** Ed25519, 32 bytes; stays the same as long as the leaf is in the tree. */
  readonly signatureKey: Uint8Array;
}

/**
 * The members of a tree, by rising leaf index. Throws `GroupError` (`refused`) unless every leaf
 * may be there by `admission` and no id or key occurs twice. It is called for the whole tree after
 * each change, whatever was checked before.
 */
export function readRoster(leaves: readonly Leaf[], admission: LeafAdmission): GroupMember[] {
  if (leaves.length > GROUP_LIMITS.members) refuse("the tree has too many leaves");
  const ids = new Set<string>();
  const signatureKeys = new Set<string>();
  const encryptionKeys = new Set<string>();
  return leaves.map((leaf) => {
    const member = readLeaf(leaf, admission);
    addOnce(ids, member.participantId, "participant id");
    addOnce(signatureKeys, toBase64Url(leaf.signatureKey), "signature key");
    addOnce(encryptionKeys, nameOfKey(leaf.encryptionKey), "encryption key");
    return member;
  });
}

/** One leaf's member. Throws `GroupError` (`refused`) unless it may be there. */
export function readLeaf(leaf: Leaf, admission: LeafAdmission): GroupMember {
  if (!leaf.plain) refuse("a leaf does not support what this group is made of");
  const { leafIndex, identity, signatureKey } = leaf;
  const participantId = identity && admission.admits({ leafIndex, identity, signatureKey });
  if (participantId === undefined) refuse("a leaf does not prove that it holds the link");
  return { participantId, leafIndex, signatureKey };
}

/** Random keys are told apart by their beginnings; who makes two alike is taken for a double. */
function nameOfKey(key: Uint8Array): string {
  return toBase64Url(key.subarray(0, 32));
}

function addOnce(seen: Set<string>, value: string, what: string): void {
  if (seen.has(value)) refuse(`two leaves have the same ${what}`);
  seen.add(value);
}
