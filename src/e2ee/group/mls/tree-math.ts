/**
 * The array representation of a full binary tree (RFC 9420 appendix C): leaves have even node
 * indices, `width` is the number of nodes, 2^(d+1) - 1.
 */
export function nodeOfLeaf(leafIndex: number): number {
  return 2 * leafIndex;
}

export function isLeafNode(node: number): boolean {
  return node % 2 === 0;
}

/** Height above the leaves. */
function levelOf(node: number): number {
  let level = 0;
  while ((node >> level) & 1) level += 1;
  return level;
}

export function leftOf(node: number): number {
  return node - (1 << (levelOf(node) - 1));
}

export function rightOf(node: number): number {
  return node + (1 << (levelOf(node) - 1));
}

export function rootOf(width: number): number {
  return (width - 1) / 2;
}

/** The node above; not to be asked of the root. */
export function parentOf(node: number): number {
  const level = levelOf(node);
  const isRight = ((node >> (level + 1)) & 1) === 1;
  return isRight ? node - (1 << level) : node + (1 << level);
}

/** The nodes above a leaf, up to and including the root. */
export function directPath(leafIndex: number, width: number): number[] {
  const path: number[] = [];
  const root = rootOf(width);
  for (let node = nodeOfLeaf(leafIndex); node !== root;) {
    node = parentOf(node);
    path.push(node);
  }
  return path;
}

/** Whether the node is the leaf or stands above it. */
export function covers(node: number, leafIndex: number): boolean {
  const reach = (1 << levelOf(node)) - 1;
  return Math.abs(nodeOfLeaf(leafIndex) - node) <= reach;
}
