import { toBase64Url } from "../../lib/base64url.ts";
import { refuse } from "./group-error.ts";
import { GROUP_LIMITS } from "./group-limits.ts";
import type { Admission } from "./leaf-identity.ts";
import { verifyLeafIdentity } from "./leaf-identity.ts";

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
 * proves that it holds the link and no id or key occurs twice. It is called for the whole tree
 * after each change, whatever the library checked before.
 */
export function readRoster(leaves: readonly Leaf[], admission: Admission): GroupMember[] {
  if (leaves.length > GROUP_LIMITS.members) refuse("the tree has too many leaves");
  const seen = new Set<string>();
  const unique = (what: string, value: string) => {
    if (seen.has(`${what} ${value}`)) refuse(`two leaves have the same ${what}`);
    seen.add(`${what} ${value}`);
  };
  return leaves.map((leaf) => {
    const member = readLeaf(leaf, admission);
    unique("participant id", member.participantId);
    unique("signature key", toBase64Url(leaf.signatureKey));
    unique("encryption key", toBase64Url(leaf.encryptionKey));
    return member;
  });
}

/** One leaf's member. Throws `GroupError` (`refused`) unless it proves that it holds the link. */
export function readLeaf(leaf: Leaf, admission: Admission): GroupMember {
  if (!leaf.plain) refuse("a leaf does not support what this group is made of");
  const participantId =
    leaf.identity && verifyLeafIdentity(leaf.identity, leaf.signatureKey, admission);
  if (participantId === undefined) refuse("a leaf does not prove that it holds the link");
  return { participantId, leafIndex: leaf.leafIndex, signatureKey: leaf.signatureKey };
}
