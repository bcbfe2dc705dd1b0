import { encode } from "ts-mls/codec/tlsEncoder.js";
import { parentHashInputEncoder } from "ts-mls/parentHash.js";
import type { ParentNode } from "ts-mls/parentNode.js";
import type { Node } from "ts-mls/ratchetTree.js";
import { leafNodeHashInputEncoder, parentNodeHashInputEncoder } from "ts-mls/treeHash.js";
import { toLeafIndex } from "ts-mls/treemath.js";
import type { RatchetTree } from "./ratchet-tree.ts";
import { parentAt } from "./ratchet-tree.ts";
import { covers, isLeafNode, leftOf, rightOf, rootOf } from "./tree-math.ts";

const encodeLeafInput = encode(leafNodeHashInputEncoder);
const encodeParentInput = encode(parentNodeHashInputEncoder);
const encodeParentHashInput = encode(parentHashInputEncoder);

interface KnownLeaf {
  readonly leafIndex: number;
  readonly hash: Uint8Array;
}
interface KnownParent {
  readonly parent: ParentNode | undefined;
  readonly right: Uint8Array;
  readonly hash: Uint8Array;
}

/**
 * The hashes that say what a tree is and who made it. Nodes are never changed in place, so that
 * whatever is the same object has the same hash. A commit makes new objects for one path only; all
 * other hashes are found here again.
 */
export class TreeHasher {
  readonly #digest: (data: Uint8Array) => Uint8Array;
  readonly #knownLeaves = new WeakMap<Node, KnownLeaf>();
  readonly #knownBlanks = new Map<number, Uint8Array>();
  readonly #knownParents = new WeakMap<Uint8Array, KnownParent>();

  constructor(digest: (data: Uint8Array) => Uint8Array) {
    this.#digest = digest;
  }

  /** RFC 9420 section 7.8. */
  rootHash(tree: RatchetTree): Uint8Array {
    return this.#treeHash(tree, rootOf(tree.length));
  }

  /**
   * The hash that a node below `parent` carries, by which a tree proves that its keys were put there
   * by its members (RFC 9420 section 7.9): of the parent, and of what stood on its other side,
   * `sibling`, when it was put there.
   */
  parentHash(tree: RatchetTree, parent: ParentNode, sibling: number): Uint8Array {
    const input = {
      encryptionKey: parent.hpkePublicKey,
      parentHash: parent.parentHash,
      originalSiblingTreeHash: this.#hashWithout(tree, sibling, new Set(parent.unmergedLeaves)),
    };
    return this.#digest(encodeParentHashInput(input));
  }

  #treeHash(tree: RatchetTree, node: number): Uint8Array {
    if (isLeafNode(node)) return this.#leafHash(tree[node], node / 2);
    const left = this.#treeHash(tree, leftOf(node));
    const right = this.#treeHash(tree, rightOf(node));
    const parent = parentAt(tree, node);
    const known = this.#knownParents.get(left);
    if (known !== undefined && known.parent === parent && known.right === right) return known.hash;
    const hash = this.#hashParent(parent, left, right);
    this.#knownParents.set(left, { parent, right, hash });
    return hash;
  }

  /** The hash as if the leaves had not been added yet: blank, and unmerged nowhere (section 7.9). */
  #hashWithout(tree: RatchetTree, node: number, leaves: ReadonlySet<number>): Uint8Array {
    if (![...leaves].some((leafIndex) => covers(node, leafIndex))) {
      return this.#treeHash(tree, node);
    }
    if (isLeafNode(node)) return this.#leafHash(undefined, node / 2);
    const parent = parentAt(tree, node);
    return this.#hashParent(
      parent && {
        ...parent,
        unmergedLeaves: parent.unmergedLeaves.filter((leafIndex) => !leaves.has(leafIndex)),
      },
      this.#hashWithout(tree, leftOf(node), leaves),
      this.#hashWithout(tree, rightOf(node), leaves),
    );
  }

  #leafHash(node: Node | undefined, leafIndex: number): Uint8Array {
    if (node === undefined) {
      const hash = this.#knownBlanks.get(leafIndex) ?? this.#hashLeaf(undefined, leafIndex);
      this.#knownBlanks.set(leafIndex, hash);
      return hash;
    }
    const known = this.#knownLeaves.get(node);
    if (known?.leafIndex === leafIndex) return known.hash;
    const hash = this.#hashLeaf(node, leafIndex);
    this.#knownLeaves.set(node, { leafIndex, hash });
    return hash;
  }

  #hashLeaf(node: Node | undefined, leafIndex: number): Uint8Array {
    const leafNode = node?.nodeType === "leaf" ? node.leaf : undefined;
    const input = { nodeType: "leaf", leafIndex: toLeafIndex(leafIndex), leafNode } as const;
    return this.#digest(encodeLeafInput(input));
  }

  #hashParent(
    parentNode: ParentNode | undefined,
    leftHash: Uint8Array,
    rightHash: Uint8Array,
  ): Uint8Array {
    const input = { nodeType: "parent", parentNode, leftHash, rightHash } as const;
    return this.#digest(encodeParentInput(input));
  }
}
