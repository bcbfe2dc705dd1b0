import type { LeafNode } from "ts-mls";
import type { ParentNode } from "ts-mls/parentNode.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import { covers, directPath, isLeafNode, leftOf, nodeOfLeaf, rightOf } from "./tree-math.ts";

export type { RatchetTree };

/** A node of the filtered direct path (RFC 9420 section 7.9), and whom its secret is sealed to. */
export interface PathStep {
  readonly node: number;
  /** The child that does not lead to the committer. */
  readonly copath: number;
  /** Nodes whose keys reach everybody below `copath`. */
  readonly resolution: readonly number[];
}

export function leafAt(tree: RatchetTree, leafIndex: number): LeafNode | undefined {
  const node = tree[nodeOfLeaf(leafIndex)];
  return node?.nodeType === "leaf" ? node.leaf : undefined;
}

export function parentAt(tree: RatchetTree, node: number): ParentNode | undefined {
  const found = tree[node];
  return found?.nodeType === "parent" ? found.parent : undefined;
}

export function publicKeyAt(tree: RatchetTree, node: number): Uint8Array {
  const found = tree[node];
  if (found === undefined) throw new RangeError("a blank node has no key");
  return found.nodeType === "leaf" ? found.leaf.hpkePublicKey : found.parent.hpkePublicKey;
}

/** Where the next newcomer stands: the leftmost blank leaf, or one more (section 7.7). */
function nextFreeLeaf(tree: RatchetTree): number {
  for (let leafIndex = 0; nodeOfLeaf(leafIndex) < tree.length; leafIndex += 1) {
    if (leafAt(tree, leafIndex) === undefined) return leafIndex;
  }
  return (tree.length + 1) / 2;
}

/** Changes `tree`, and returns the leaf's index. Not yet merged into the nodes above it. */
export function addLeaf(tree: RatchetTree, leaf: LeafNode): number {
  const leafIndex = nextFreeLeaf(tree);
  if (nodeOfLeaf(leafIndex) >= tree.length) extendTo(tree, 2 * tree.length + 1);
  for (const node of directPath(leafIndex, tree.length)) {
    const parent = parentAt(tree, node);
    if (parent === undefined) continue;
    const unmergedLeaves = [...parent.unmergedLeaves, leafIndex].sort((a, b) => a - b);
    tree[node] = { nodeType: "parent", parent: { ...parent, unmergedLeaves } };
  }
  tree[nodeOfLeaf(leafIndex)] = { nodeType: "leaf", leaf };
  return leafIndex;
}

/** Changes `tree`: blanks the leaf and all above it, and cuts the right half while it is empty. */
export function removeLeaf(tree: RatchetTree, leafIndex: number): void {
  tree[nodeOfLeaf(leafIndex)] = undefined;
  blankDirectPath(tree, leafIndex);
  while (tree.length > 1) {
    const half = (tree.length - 1) / 2;
    if (tree.some((node, index) => index > half && node !== undefined)) return;
    tree.length = half;
  }
}

/** Changes `tree`. */
export function blankDirectPath(tree: RatchetTree, leafIndex: number): void {
  for (const node of directPath(leafIndex, tree.length)) tree[node] = undefined;
}

/** The nodes that cover all leaves below `node` (section 4.1.1). */
export function resolutionOf(tree: RatchetTree, node: number, found: number[] = []): number[] {
  const content = tree[node];
  if (content !== undefined) {
    found.push(node);
    if (content.nodeType === "parent") {
      found.push(...content.parent.unmergedLeaves.map(nodeOfLeaf));
    }
  } else if (!isLeafNode(node)) {
    resolutionOf(tree, leftOf(node), found);
    resolutionOf(tree, rightOf(node), found);
  }
  return found;
}

/** From the leaf's parent up, without the nodes whose other side is empty. */
export function filteredDirectPath(tree: RatchetTree, leafIndex: number): PathStep[] {
  return directPath(leafIndex, tree.length).flatMap((node) => {
    const copath = covers(leftOf(node), leafIndex) ? rightOf(node) : leftOf(node);
    const resolution = resolutionOf(tree, copath);
    return resolution.length === 0 ? [] : [{ node, copath, resolution }];
  });
}

function extendTo(tree: RatchetTree, width: number): void {
  while (tree.length < width) tree.push(undefined);
}
