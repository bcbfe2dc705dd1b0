import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Node } from "ts-mls/ratchetTree.js";
import { createSecretTree } from "ts-mls/secretTree.js";
import { leafAt, parentAt, removeLeaf } from "../../../../src/e2ee/group/mls/ratchet-tree.ts";
import type { RatchetTree } from "../../../../src/e2ee/group/mls/ratchet-tree.ts";
import { createMessageSecrets, reachLeaf } from "../../../../src/e2ee/group/mls/secret-tree.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { assertTreeShape, verifyTree } from "../../../../src/e2ee/group/mls/tree-validation.ts";
import { makeKeyPackage } from "../../../../src/e2ee/group/mls/key-package.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { commitOf, followOne, newOwner, statesOf } from "./state-lab.ts";
import { SUITE } from "./library-suite.ts";

/** Seven members, of whom one came after the keys above its place were made: it is unmerged there. */
async function grownTree(): Promise<MlsState> {
  const states = await statesOf(7);
  const [first, , , , neighbour] = states;
  assert(first && neighbour);
  const removal = await commitOf(first, { removedLeaves: [5] });
  const update = await commitOf(await followOne(neighbour, removal.commit));
  const committer = await followOne(removal.next, update.commit);
  const owner = await newOwner(createInvitation());
  const { keyPackage } = (await makeKeyPackage(owner, Date.now())).secrets;
  return (await commitOf(committer, { added: [keyPackage] })).next;
}

/** The tree as its signer would present it: altered, and hashed anew. */
async function verifyAltered(
  { ratchetTree, groupContext }: MlsState,
  alter: (tree: RatchetTree) => void,
): Promise<void> {
  const tree = ratchetTree.slice();
  alter(tree);
  assertTreeShape(SUITE, tree);
  await verifyTree(SUITE, tree, groupContext.groupId, SUITE.trees.rootHash(tree));
}

function alterParent(
  tree: RatchetTree,
  node: number,
  changes: Partial<Extract<Node, { nodeType: "parent" }>["parent"]>,
): void {
  const parent = parentAt(tree, node);
  assert(parent, `no parent at ${node}`);
  tree[node] = { nodeType: "parent", parent: { ...parent, ...changes } };
}

const BY_NO_MEMBER = /put there by no member/;

suite("a newcomer's view of the tree (RFC 9420 sections 7.8, 7.9 and 12.4.3.1)", () => {
  test("is valid as it is", async () => {
    const state = await grownTree();
    await verifyAltered(state, () => undefined);
    assert(state.ratchetTree.some((node) => node?.nodeType === "parent"));
    const unmerged = state.ratchetTree.flatMap(
      (_, node) => parentAt(state.ratchetTree, node)?.unmergedLeaves ?? [],
    );
    assert(unmerged.length > 0, "the tree shall have unmerged leaves");
  });

  test("has no parent that somebody without the path put there", async () => {
    const state = await grownTree();
    const parents = [...state.ratchetTree.keys()].filter((node) =>
      parentAt(state.ratchetTree, node),
    );
    for (const node of parents) {
      // A key to which the ghost has the other half.
      const ghost = parentAt(state.ratchetTree, node)?.hpkePublicKey.map((byte, at) =>
        at > 1_190 ? byte ^ 1 : at === 0 ? byte ^ 2 : byte,
      );
      assert(ghost);
      const altered = verifyAltered(state, (tree) =>
        alterParent(tree, node, { hpkePublicKey: ghost }),
      );
      await assert.rejects(altered, { message: BY_NO_MEMBER });
      const unnamed = verifyAltered(state, (tree) =>
        alterParent(tree, node, { parentHash: crypto.getRandomValues(new Uint8Array(64)) }),
      );
      await assert.rejects(unnamed, { message: BY_NO_MEMBER });
    }
  });

  test("has no parents that changed places", async () => {
    const state = await grownTree();
    const parents = [...state.ratchetTree.keys()].filter((node) =>
      parentAt(state.ratchetTree, node),
    );
    const [first, second] = parents;
    assert(first !== undefined && second !== undefined);
    const swapped = verifyAltered(state, (tree) => {
      [tree[first], tree[second]] = [tree[second], tree[first]];
    });
    await assert.rejects(swapped, { code: "refused" });
  });

  test("names as unmerged exactly who does not know a parent's secret", async () => {
    const state = await grownTree();
    const node = state.ratchetTree.findIndex(
      (_, at) => (parentAt(state.ratchetTree, at)?.unmergedLeaves.length ?? 0) > 0,
    );
    const { unmergedLeaves } = parentAt(state.ratchetTree, node) ?? {};
    assert(unmergedLeaves);
    // What is sealed to the parent would reach nobody of those; or a member would be left out.
    const none = verifyAltered(state, (tree) => alterParent(tree, node, { unmergedLeaves: [] }));
    await assert.rejects(none, { code: "refused" });
    const more = verifyAltered(state, (tree) =>
      alterParent(tree, node, { unmergedLeaves: [0, ...unmergedLeaves] }),
    );
    await assert.rejects(more, { code: "refused" });
    const unsorted = [...unmergedLeaves, unmergedLeaves[0] ?? 0];
    const twice = verifyAltered(state, (tree) =>
      alterParent(tree, node, { unmergedLeaves: unsorted }),
    );
    await assert.rejects(twice, { message: /unmerged leaves that are none/ });
  });

  test("has no leaf in another place than the one it was signed for", async () => {
    const state = await grownTree();
    const committed = [...state.ratchetTree.keys()].filter(
      (node) => leafAt(state.ratchetTree, node / 2)?.leafNodeSource === "commit",
    );
    const [first, second] = committed;
    assert(first !== undefined && second !== undefined);
    const swapped = verifyAltered(state, (tree) => {
      [tree[first], tree[second]] = [tree[second], tree[first]];
      // So that no parent is in the way of the leaves' own signatures.
      for (const node of tree.keys()) if (node % 2 === 1) tree[node] = undefined;
    });
    await assert.rejects(swapped, { message: /leaf's signature is not valid/ });
  });

  test("has no leaf whose keys its owner did not sign", async () => {
    const state = await grownTree();
    const swapped = verifyAltered(state, (tree) => {
      const leaf = leafAt(tree, 5);
      assert(leaf);
      const hpkePublicKey = leaf.hpkePublicKey.with(1_200, (leaf.hpkePublicKey[1_200] ?? 0) ^ 1);
      tree[10] = { nodeType: "leaf", leaf: Object.assign({}, leaf, { hpkePublicKey }) };
    });
    await assert.rejects(swapped, { code: "refused" });
  });
});

suite("a ratchet tree", () => {
  test("loses its right half with the last leaf there, whatever else stands above", async () => {
    const [state] = await statesOf(2);
    const [leaf, parent] = state?.ratchetTree ?? [];
    assert(leaf?.nodeType === "leaf" && parent?.nodeType === "parent");
    const tree: RatchetTree = [leaf, parent, leaf, undefined, undefined, undefined, leaf];
    removeLeaf(tree, 3);
    assert.deepEqual(tree, [leaf, parent, leaf]);
    removeLeaf(tree, 1);
    assert.deepEqual(tree, [leaf]);
  });

  test("gives each leaf the message secrets that the library derives (section 9)", async () => {
    const secret = crypto.getRandomValues(new Uint8Array(64));
    const theirs = await createSecretTree(4, new Uint8Array(secret), SUITE.kdf);
    const ours = createMessageSecrets(7, secret);
    for (const leafIndex of [2, 2, 0, 1, 3, 4, 1_000]) {
      await reachLeaf(SUITE, ours, leafIndex, 7);
      assert(
        secret.every((byte) => byte === 0),
        "the epoch's encryption secret is overwritten",
      );
    }
    for (const node of [0, 2, 4, 6]) {
      assert.deepEqual(ours.secretTree[node]?.application, theirs[node]?.application);
    }
    assert.equal(ours.unreached.size, 0);
  });
});
