import { sha512 } from "@noble/hashes/sha2.js";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import type { ParentNode } from "ts-mls/parentNode.js";
import type { Node } from "ts-mls/ratchetTree.js";
import { leafNodeHashInputEncoder, parentNodeHashInputEncoder } from "ts-mls/treeHash.js";
import { toLeafIndex } from "ts-mls/treemath.js";
import type { RatchetTree } from "./ratchet-tree.ts";
import { parentAt } from "./ratchet-tree.ts";
import { covers, isLeafNode, leftOf, rightOf, rootOf } from "./tree-math.ts";

const encodeLeafInput = encode(leafNodeHashInputEncoder);
const encodeParentInput = encode(parentNodeHashInputEncoder);

interface KnownLeaf {
  readonly leafIndex: number;
  readonly hash: Uint8Array;
}
interface KnownParent {
  readonly parent: ParentNode | undefined;
  readonly right: Uint8Array;
  readonly hash: Uint8Array;
}

/*
 * Nodes are never changed in place, so that whatever is the same object has the same hash. A commit
 * makes new objects for one path only; all other hashes are found here again.
 */
const knownLeaves = new WeakMap<Node, KnownLeaf>();
const knownBlanks = new Map<number, Uint8Array>();
const knownParents = new WeakMap<Uint8Array, KnownParent>();

/** RFC 9420 section 7.8. */
export function rootHash(tree: RatchetTree): Uint8Array {
  return treeHash(tree, rootOf(tree.length));
}

function treeHash(tree: RatchetTree, node: number): Uint8Array {
  if (isLeafNode(node)) return leafHash(tree[node], node / 2);
  const left = treeHash(tree, leftOf(node));
  const right = treeHash(tree, rightOf(node));
  const parent = parentAt(tree, node);
  const known = knownParents.get(left);
  if (known !== undefined && known.parent === parent && known.right === right) return known.hash;
  const hash = parentHashInput(parent, left, right);
  knownParents.set(left, { parent, right, hash });
  return hash;
}

/** The hash as if the leaves had not been added yet: blank, and unmerged nowhere (section 7.9). */
export function treeHashWithout(
  tree: RatchetTree,
  node: number,
  leaves: ReadonlySet<number>,
): Uint8Array {
  if (![...leaves].some((leafIndex) => covers(node, leafIndex))) return treeHash(tree, node);
  if (isLeafNode(node)) return leafHash(undefined, node / 2);
  const parent = parentAt(tree, node);
  return parentHashInput(
    parent && {
      ...parent,
      unmergedLeaves: parent.unmergedLeaves.filter((leafIndex) => !leaves.has(leafIndex)),
    },
    treeHashWithout(tree, leftOf(node), leaves),
    treeHashWithout(tree, rightOf(node), leaves),
  );
}

function leafHash(node: Node | undefined, leafIndex: number): Uint8Array {
  if (node === undefined) {
    const hash = knownBlanks.get(leafIndex) ?? hashLeaf(undefined, leafIndex);
    knownBlanks.set(leafIndex, hash);
    return hash;
  }
  const known = knownLeaves.get(node);
  if (known?.leafIndex === leafIndex) return known.hash;
  const hash = hashLeaf(node, leafIndex);
  knownLeaves.set(node, { leafIndex, hash });
  return hash;
}

function hashLeaf(node: Node | undefined, leafIndex: number): Uint8Array {
  const leafNode = node?.nodeType === "leaf" ? node.leaf : undefined;
  const input = { nodeType: "leaf", leafIndex: toLeafIndex(leafIndex), leafNode } as const;
  return sha512(encodeLeafInput(input));
}

function parentHashInput(
  parentNode: ParentNode | undefined,
  leftHash: Uint8Array,
  rightHash: Uint8Array,
): Uint8Array {
  return sha512(encodeParentInput({ nodeType: "parent", parentNode, leftHash, rightHash }));
}
