import type { LeafNode } from "ts-mls";
import type { ParentNode } from "ts-mls/parentNode.js";
import { verifyLeafNodeSignature } from "ts-mls/leafNode.js";
import type { RatchetTree } from "./ratchet-tree.ts";
import { leafAt, parentAt, resolutionOf } from "./ratchet-tree.ts";
import { refuse } from "../group-error.ts";
import { equalBytes } from "../equal-bytes.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { distinctKeys } from "./tree-keys.ts";
import { covers, isLeafNode, leftOf, nodeOfLeaf, parentOf, rightOf } from "./tree-math.ts";

/**
 * The shape of a tree from outside, before anything else reads it: full width, leaves and parents
 * in their places, keys that can be sealed to, none twice. Unmerged leaves (RFC 9420 section 7.8)
 * are leaves that are there, below the node, in rising order, and listed by each node in between.
 * Throws `GroupError` (`refused`).
 */
export function assertTreeShape({ kem }: CipherSuite, tree: RatchetTree): void {
  if (((tree.length + 1) & tree.length) !== 0) refuse("the tree is not full");
  for (const [node, content] of tree.entries()) {
    if (content !== undefined && (content.nodeType === "leaf") !== isLeafNode(node)) {
      refuse("a node of the tree is in the wrong place");
    }
    if (content?.nodeType !== "parent") continue;
    if (!kem.isPublicKey(content.parent.hpkePublicKey))
      refuse("the tree holds a key that is not one");
    assertUnmerged(tree, node, content.parent);
  }
  distinctKeys(tree);
}

/**
 * Checks that the tree is the one that the hash says, that each leaf was signed for its place, and
 * that each parent's key was put there by a member (section 7.9.2). `assertTreeShape` comes first.
 * Throws `GroupError` (`refused`).
 */
export async function verifyTree(
  suite: CipherSuite,
  tree: RatchetTree,
  groupId: Uint8Array,
  expectedHash: Uint8Array,
): Promise<void> {
  if (!equalBytes(suite.trees.rootHash(tree), expectedHash))
    refuse("the tree does not fit its hash");
  for (const node of tree.keys()) {
    const parent = parentAt(tree, node);
    if (parent !== undefined && !isLinked(suite, tree, node, parent)) {
      refuse("a key of the tree was put there by no member");
    }
  }
  const leaves = [...tree.keys()].filter(isLeafNode).map((node) => node / 2);
  await Promise.all(leaves.map((leafIndex) => verifyLeaf(suite, tree, leafIndex, groupId)));
}

/** Checks that the owner signed the leaf for this group and place. Throws `GroupError`. */
export async function verifyLeafSignature(
  { signature }: CipherSuite,
  leaf: LeafNode,
  leafIndex: number,
  groupId: Uint8Array,
): Promise<void> {
  if (leaf.leafNodeSource === "update") refuse("a leaf comes from an Update proposal");
  const valid = await verifyLeafNodeSignature(leaf, groupId, leafIndex, signature);
  if (!valid) refuse("a leaf's signature is not valid");
}

async function verifyLeaf(
  suite: CipherSuite,
  tree: RatchetTree,
  leafIndex: number,
  groupId: Uint8Array,
) {
  const leaf = leafAt(tree, leafIndex);
  if (leaf !== undefined) await verifyLeafSignature(suite, leaf, leafIndex, groupId);
}

/** The member that set the parent's key, or the node that it set below, names it by its hash. */
function isLinked(
  suite: CipherSuite,
  tree: RatchetTree,
  node: number,
  parent: ParentNode,
): boolean {
  const [left, right] = [leftOf(node), rightOf(node)];
  return (
    isLinkedBy(suite, tree, parent, left, right) || isLinkedBy(suite, tree, parent, right, left)
  );
}

function isLinkedBy(
  { trees }: CipherSuite,
  tree: RatchetTree,
  parent: ParentNode,
  child: number,
  sibling: number,
): boolean {
  const unmerged = parent.unmergedLeaves.filter((leafIndex) => covers(child, leafIndex));
  const late = new Set(unmerged.map(nodeOfLeaf));
  const resolution = resolutionOf(tree, child);
  // Everybody below the child came later but for the one who set the key.
  const [setter, ...more] = resolution.filter((node) => !late.has(node));
  if (setter === undefined || more.length > 0 || resolution.length !== late.size + 1) return false;
  const named = namedHash(tree, setter);
  return named !== undefined && equalBytes(named, trees.parentHash(tree, parent, sibling));
}

function namedHash(tree: RatchetTree, node: number): Uint8Array | undefined {
  const content = tree[node];
  if (content?.nodeType === "parent") return content.parent.parentHash;
  return content?.leaf.leafNodeSource === "commit" ? content.leaf.parentHash : undefined;
}

function assertUnmerged(tree: RatchetTree, node: number, { unmergedLeaves }: ParentNode): void {
  let previous = -1;
  for (const leafIndex of unmergedLeaves) {
    const isThere = leafIndex * 2 < tree.length && leafAt(tree, leafIndex) !== undefined;
    if (leafIndex <= previous || !isThere || !covers(node, leafIndex)) {
      refuse("the tree names unmerged leaves that are none");
    }
    previous = leafIndex;
    for (let between = parentOf(nodeOfLeaf(leafIndex)); between !== node;) {
      if (parentAt(tree, between)?.unmergedLeaves.includes(leafIndex) === false) {
        refuse("the tree names an unmerged leaf in one node and not in another");
      }
      between = parentOf(between);
    }
  }
}
