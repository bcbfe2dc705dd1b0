import type { LeafNode } from "ts-mls";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import type { Leaf } from "../roster.ts";
import { PROTOCOL_VERSION, MLS_CIPHER_SUITE } from "./cipher-suite.ts";
import { isPublicKey } from "./x-wing.ts";

const SIGNATURE_KEY_BYTES = 32;

/** The occupied leaves of a tree, by rising index. */
export function viewLeaves(tree: RatchetTree): Leaf[] {
  return tree.flatMap((node, nodeIndex) =>
    node?.nodeType === "leaf" ? [{ ...viewLeaf(node.leaf), leafIndex: nodeIndex / 2 }] : [],
  );
}

/** Leaves are never changed in place, and most are the same from epoch to epoch. */
const seen = new WeakMap<LeafNode, Omit<Leaf, "leafIndex">>();

export function viewLeaf(leaf: LeafNode): Omit<Leaf, "leafIndex"> {
  const known = seen.get(leaf);
  if (known !== undefined) return known;
  const view = lookAt(leaf);
  seen.set(leaf, view);
  return view;
}

function lookAt(leaf: LeafNode): Omit<Leaf, "leafIndex"> {
  return {
    identity: leaf.credential.credentialType === "basic" ? leaf.credential.identity : undefined,
    signatureKey: leaf.signaturePublicKey,
    encryptionKey: leaf.hpkePublicKey,
    plain: isPlain(leaf),
  };
}

/**
 * A leaf that lacks a capability of ours, or has one more extension, would make the whole tree
 * invalid to the next joiner; a key that nobody can seal to would make every later commit fail.
 */
function isPlain({
  capabilities,
  extensions,
  hpkePublicKey,
  signaturePublicKey,
}: LeafNode): boolean {
  return (
    extensions.length === 0 &&
    capabilities.versions.includes(PROTOCOL_VERSION) &&
    capabilities.ciphersuites.includes(MLS_CIPHER_SUITE) &&
    capabilities.credentials.includes("basic") &&
    isPublicKey(hpkePublicKey) &&
    signaturePublicKey.length === SIGNATURE_KEY_BYTES
  );
}
