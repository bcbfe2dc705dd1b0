import { sha512 } from "@noble/hashes/sha2.js";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import type { ParentNode } from "ts-mls/parentNode.js";
import { parentHashInputEncoder } from "ts-mls/parentHash.js";
import type { RatchetTree } from "./ratchet-tree.ts";
import { treeHashWithout } from "./tree-hash.ts";

const encodeInput = encode(parentHashInputEncoder);

/**
 * The hash that a node below `parent` carries, by which a tree proves that its keys were put there
 * by its members (RFC 9420 section 7.9): of the parent, and of what stood on its other side,
 * `sibling`, when it was put there.
 */
export function parentHash(tree: RatchetTree, parent: ParentNode, sibling: number): Uint8Array {
  const input = {
    encryptionKey: parent.hpkePublicKey,
    parentHash: parent.parentHash,
    originalSiblingTreeHash: treeHashWithout(tree, sibling, new Set(parent.unmergedLeaves)),
  };
  return sha512(encodeInput(input));
}
