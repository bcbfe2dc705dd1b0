import type { LeafNode } from "ts-mls";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import type { Leaf } from "../roster.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { PROTOCOL_VERSION } from "./cipher-suite.ts";

/** The occupied leaves of a tree, by rising index. */
export function viewLeaves(suite: CipherSuite, tree: RatchetTree): Leaf[] {
  return tree.flatMap((node, nodeIndex) =>
    node?.nodeType === "leaf" ? [{ ...viewLeaf(suite, node.leaf), leafIndex: nodeIndex / 2 }] : [],
  );
}

/** Leaves are never changed in place, and most are the same from epoch to epoch. */
const seen = new WeakMap<LeafNode, { suite: CipherSuite; view: Omit<Leaf, "leafIndex"> }>();

export function viewLeaf(suite: CipherSuite, leaf: LeafNode): Omit<Leaf, "leafIndex"> {
  const known = seen.get(leaf);
  if (known?.suite === suite) return known.view;
  const view = lookAt(suite, leaf);
  seen.set(leaf, { suite, view });
  return view;
}

function lookAt(suite: CipherSuite, leaf: LeafNode): Omit<Leaf, "leafIndex"> {
  return {
    identity: leaf.credential.credentialType === "basic" ? leaf.credential.identity : undefined,
    signatureKey: leaf.signaturePublicKey,
    encryptionKey: leaf.hpkePublicKey,
    plain: isPlain(suite, leaf),
  };
}

/**
 * A leaf that lacks a capability of ours, or has one more extension, would make the whole tree
 * invalid to the next joiner; a key that nobody can seal to would make every later commit fail.
 */
function isPlain({ name, kem, signature }: CipherSuite, leaf: LeafNode): boolean {
  const { capabilities, extensions, hpkePublicKey, signaturePublicKey } = leaf;
  return (
    extensions.length === 0 &&
    capabilities.versions.includes(PROTOCOL_VERSION) &&
    capabilities.ciphersuites.includes(name) &&
    capabilities.credentials.includes("basic") &&
    kem.isPublicKey(hpkePublicKey) &&
    signaturePublicKey.length === signature.publicKeyBytes
  );
}
