import type { GroupContext, LeafNode } from "ts-mls";
import type { LeafNodeCommit } from "ts-mls/leafNode.js";
import { signLeafNodeCommit } from "ts-mls/leafNode.js";
import type { UpdatePath, UpdatePathNode } from "ts-mls/updatePath.js";
import { encodeGroupContext } from "ts-mls/groupContext.js";
import { refuse } from "../group-error.ts";
import { equalBytes } from "../equal-bytes.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { openFor, preparePurpose, sealFor } from "./labeled-hpke.ts";
import type { Climb, NodeKeys } from "./path-secrets.ts";
import { climb, nextPathSecret, nodeKeyPair } from "./path-secrets.ts";
import type { PathStep, RatchetTree } from "./ratchet-tree.ts";
import { blankDirectPath, filteredDirectPath, leafAt, publicKeyAt } from "./ratchet-tree.ts";
import { distinctKeys, nameOfKey } from "./tree-keys.ts";
import { covers, nodeOfLeaf } from "./tree-math.ts";

/** Where a commit goes from: the tree after its proposals, and who is new in it. */
export interface PathBase {
  readonly suite: CipherSuite;
  readonly tree: RatchetTree;
  readonly committer: number;
  /** Leaf indices. Newcomers get their secrets by the Welcome, not by the path. */
  readonly added: ReadonlySet<number>;
  /** Of the epoch that the commit ends. */
  readonly context: GroupContext;
}

export interface MadePath extends Climb {
  readonly tree: RatchetTree;
  readonly path: UpdatePath;
  /** By node; for the Welcome, and to be overwritten then: everything of the path follows from them. */
  readonly secrets: ReadonlyMap<number, Uint8Array>;
}

/** New keys for the committer's leaf and all above it (RFC 9420 section 7.5). */
export async function makePath(base: PathBase, signKey: Uint8Array): Promise<MadePath> {
  const { suite, committer, context } = base;
  const template = leafAt(base.tree, committer);
  if (template === undefined) throw new RangeError("the committer has no leaf");
  const steps = filteredDirectPath(base.tree, committer);
  const { kdf, rng, signature, trees } = suite;
  const leafSecret = rng.randomBytes(kdf.size);
  const secrets = new Map<number, Uint8Array>();
  let secret = leafSecret;
  for (const { node } of steps) {
    secret = await nextPathSecret(suite, secret);
    secrets.set(node, secret);
  }
  const leafKeys = await nodeKeyPair(suite, leafSecret);
  const pairs = await Promise.all([...secrets.values()].map((each) => nodeKeyPair(suite, each)));
  const tree = base.tree.slice();
  const publicKeys = pairs.map(({ publicKey }) => publicKey);
  const leafParentHash = placePath(base, tree, steps, publicKeys);
  const leaf = await signLeafNodeCommit(
    { ...commitLeaf(template, leafKeys.publicKey, leafParentHash), ...placeOf(base) },
    signKey,
    signature,
  );
  tree[nodeOfLeaf(committer)] = { nodeType: "leaf", leaf };
  const nodes = await sealSecrets(
    base,
    steps,
    secrets,
    pathContext(context, trees.rootHash(tree)),
    publicKeys,
  );
  const commitSecret = await nextPathSecret(suite, secret);
  leafSecret.fill(0);
  const keys: NodeKeys = { [nodeOfLeaf(committer)]: leafKeys.privateKey };
  for (const [index, { node }] of steps.entries()) {
    const pair = pairs[index];
    if (pair !== undefined) keys[node] = pair.privateKey;
  }
  return {
    tree,
    path: { leafNode: leaf, nodes },
    keys,
    secrets,
    commitSecret,
  };
}

/** The tree with another's path in it. Throws `GroupError` (`refused`). */
export function applyPath(base: PathBase, path: UpdatePath): RatchetTree {
  const { committer } = base;
  const steps = filteredDirectPath(base.tree, committer);
  if (path.nodes.length !== steps.length) refuse("the path has a wrong length");
  for (const [index, step] of steps.entries()) {
    if (path.nodes[index]?.encryptedPathSecret.length !== recipients(step, base.added).length) {
      refuse("the path is sealed to others than it should");
    }
  }
  const tree = base.tree.slice();
  const publicKeys = path.nodes.map(({ hpkePublicKey }) => hpkePublicKey);
  assertNewKeys(base.tree, [path.leafNode.hpkePublicKey, ...publicKeys]);
  const leafParentHash = placePath(base, tree, steps, publicKeys);
  if (!equalBytes(leafParentHash, path.leafNode.parentHash)) {
    refuse("the committer's leaf does not name the path");
  }
  tree[nodeOfLeaf(committer)] = { nodeType: "leaf", leaf: path.leafNode };
  return tree;
}

/** What the path gives to the member at `leafIndex`. `tree` is the one after it. */
export async function openPath(
  base: PathBase,
  tree: RatchetTree,
  path: UpdatePath,
  leafIndex: number,
  ownKeys: NodeKeys,
): Promise<Climb> {
  const { suite } = base;
  const steps = filteredDirectPath(base.tree, base.committer);
  const meeting = steps.findIndex(({ node }) => covers(node, leafIndex));
  const step = steps[meeting];
  const sealed = path.nodes[meeting]?.encryptedPathSecret;
  if (step === undefined || sealed === undefined) refuse("the path does not reach this member");
  const reached = recipients(step, base.added);
  const index = reached.findIndex((node) => node in ownKeys);
  const [ciphertext, privateKey] = [sealed[index], ownKeys[reached[index] ?? -1]];
  if (ciphertext === undefined || privateKey === undefined) {
    refuse("the path is sealed to no key of this member");
  }
  const context = encodeGroupContext(pathContext(base.context, suite.trees.rootHash(tree)));
  const purpose = preparePurpose(suite, { label: "UpdatePathNode", context });
  const secret = await openFor(suite, privateKey, purpose, ciphertext);
  return climb(suite, tree, steps.slice(meeting), secret);
}

/** Changes `tree`: sets the keys and parent hashes of the path, and returns the leaf's. */
function placePath(
  { suite, committer }: PathBase,
  tree: RatchetTree,
  steps: readonly PathStep[],
  publicKeys: readonly Uint8Array[],
): Uint8Array {
  blankDirectPath(tree, committer);
  let above: Uint8Array = new Uint8Array();
  for (const [index, { node, copath }] of [...steps.entries()].reverse()) {
    const hpkePublicKey = publicKeys[index] ?? refuse("the path has a wrong length");
    const parent = { hpkePublicKey, parentHash: above, unmergedLeaves: [] };
    tree[node] = { nodeType: "parent", parent };
    above = suite.trees.parentHash(tree, parent, copath);
  }
  return above;
}

function pathContext(context: GroupContext, treeHash: Uint8Array): GroupContext {
  return { ...context, epoch: context.epoch + 1n, treeHash };
}

function placeOf({ context, committer }: PathBase) {
  return { groupId: context.groupId, leafIndex: committer };
}

function commitLeaf(
  { signaturePublicKey, credential, capabilities, extensions }: LeafNode,
  hpkePublicKey: Uint8Array,
  leafParentHash: Uint8Array,
): Omit<LeafNodeCommit, "signature"> {
  return {
    leafNodeSource: "commit",
    hpkePublicKey,
    signaturePublicKey,
    credential,
    capabilities,
    extensions,
    parentHash: leafParentHash,
  };
}

function recipients({ resolution }: PathStep, added: ReadonlySet<number>): number[] {
  return resolution.filter((node) => node % 2 === 1 || !added.has(node / 2));
}

function sealSecrets(
  { suite, tree, added }: PathBase,
  steps: readonly PathStep[],
  secrets: ReadonlyMap<number, Uint8Array>,
  context: GroupContext,
  publicKeys: readonly Uint8Array[],
): Promise<UpdatePathNode[]> {
  const purpose = preparePurpose(suite, {
    label: "UpdatePathNode",
    context: encodeGroupContext(context),
  });
  return Promise.all(
    steps.map(async (step, index) => {
      const secret = secrets.get(step.node) ?? refuse("a path secret is missing");
      const encryptedPathSecret = await Promise.all(
        recipients(step, added).map((node) =>
          sealFor(suite, publicKeyAt(tree, node), purpose, secret),
        ),
      );
      const hpkePublicKey = publicKeys[index] ?? refuse("the path has a wrong length");
      return { hpkePublicKey, encryptedPathSecret };
    }),
  );
}

/** A key that somebody holds already must not come again (section 12.4.2). */
function assertNewKeys(tree: RatchetTree, keys: readonly Uint8Array[]): void {
  const taken = distinctKeys(tree);
  for (const name of keys.map(nameOfKey)) {
    if (taken.has(name)) refuse("the path brings a key that is there already");
    taken.add(name);
  }
}
