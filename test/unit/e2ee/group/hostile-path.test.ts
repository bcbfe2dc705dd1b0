import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeGroupContext } from "ts-mls/groupContext.js";
import type { UpdatePath, UpdatePathNode } from "ts-mls/updatePath.js";
import { encodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import { enterGroup } from "../../../../src/e2ee/group/transitions.ts";
import type { MemberCommit } from "../../../../src/e2ee/group/mls/commit.ts";
import { preparePurpose, sealFor } from "../../../../src/e2ee/group/mls/labeled-hpke.ts";
import { leafAt, parentAt, publicKeyAt } from "../../../../src/e2ee/group/mls/ratchet-tree.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { decodeCommit } from "../../../../src/e2ee/group/mls/wire.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import type { Forgery } from "./forged-commit.ts";
import { forge, protect, resignLeaf } from "./forged-commit.ts";
import { forgeKeyPackage } from "./forged-key-package.ts";
import { commitOf, follow, followOne, newOwner, statesOf } from "./state-lab.ts";
import { SUITE } from "./library-suite.ts";

interface Scene {
  readonly attacker: MlsState;
  readonly others: readonly MlsState[];
  readonly made: MemberCommit;
  readonly path: UpdatePath;
}

/** Five members, so that paths have two nodes or three, and one of them means ill. */
async function scene(): Promise<Scene> {
  const states = await statesOf(5);
  const [attacker, ...others] = states;
  assert(attacker);
  const made = await commitOf(attacker);
  const { content } = decodeCommit(SUITE, made.commit).message;
  assert(content.contentType === "commit" && content.commit.path);
  return { attacker, others, made, path: content.commit.path };
}

/** Nobody follows the altered commit, and everybody still follows the unaltered one. */
async function assertRefused({ others, made }: Scene, forged: Uint8Array, message: RegExp) {
  for (const state of others) await assert.rejects(followOne(state, forged), { message });
  for (const state of await follow(others, made.commit)) {
    assert.deepEqual(state.keySchedule, made.next.keySchedule);
  }
}

function withNode(path: UpdatePath, at: number, changes: Partial<UpdatePathNode>): UpdatePath {
  const nodes = path.nodes.map((node, index) => (index === at ? { ...node, ...changes } : node));
  return { ...path, nodes };
}

const [NOT_NAMED, KEY_TWICE] = [/does not name the path/, /a key that is there already/];

suite("a member's path (RFC 9420 sections 7.5 and 12.4.2)", () => {
  test("with swapped keys is refused", async () => {
    const lab = await scene();
    const [first, second] = lab.path.nodes;
    assert(first && second);
    const half = withNode(lab.path, 0, { hpkePublicKey: second.hpkePublicKey });
    const path = withNode(half, 1, { hpkePublicKey: first.hpkePublicKey });
    const forged = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
    await assertRefused(lab, forged, NOT_NAMED);
  });

  test("whose leaf names another parent is refused, though its owner signed that", async () => {
    const lab = await scene();
    for (const parentHash of [new Uint8Array(), new Uint8Array(64), new Uint8Array(63)]) {
      const leafNode = await resignLeaf(lab.attacker, lab.path.leafNode, { parentHash });
      const path = { ...lab.path, leafNode };
      const forged = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
      await assertRefused(lab, forged, NOT_NAMED);
    }
  });

  test("with a key that somebody has, or had a moment ago, is refused", async () => {
    const lab = await scene();
    const tree = lab.attacker.ratchetTree;
    const ownBefore = publicKeyAt(tree, 2 * lab.attacker.privatePath.leafIndex);
    const taken = [ownBefore, publicKeyAt(tree, 2), parentAt(tree, 3)?.hpkePublicKey];
    for (const hpkePublicKey of taken) {
      assert(hpkePublicKey);
      const path = withNode(lab.path, 1, { hpkePublicKey });
      const forged = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
      await assertRefused(lab, forged, KEY_TWICE);
      const leafNode = await resignLeaf(lab.attacker, lab.path.leafNode, { hpkePublicKey });
      const atLeaf = { ...lab.path, leafNode };
      const second = await forge(lab.attacker, lab.made.commit, {
        alter: () => ({ path: atLeaf }),
      });
      await assertRefused(lab, second, KEY_TWICE);
    }
    const hpkePublicKey = lab.path.leafNode.hpkePublicKey;
    const path = withNode(lab.path, 0, { hpkePublicKey });
    const twice = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
    await assertRefused(lab, twice, KEY_TWICE);
  });

  test("that is too short or too long is refused", async () => {
    const lab = await scene();
    const [first] = lab.path.nodes;
    assert(first);
    const { nodes } = lab.path;
    for (const other of [nodes.slice(1), nodes.slice(0, -1), [...nodes, first], []]) {
      const path = { ...lab.path, nodes: other };
      const forged = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
      await assertRefused(lab, forged, /wrong length/);
    }
  });

  test("that leaves somebody out, or is sealed to more than there are, is refused", async () => {
    const lab = await scene();
    const [ciphertext] = lab.path.nodes[0]?.encryptedPathSecret ?? [];
    assert(ciphertext);
    for (const encryptedPathSecret of [[], [ciphertext, ciphertext]]) {
      const path = withNode(lab.path, 0, { encryptedPathSecret });
      const forged = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
      await assertRefused(lab, forged, /sealed to others/);
    }
  });

  test("whose secrets lead to other keys is refused by whom it betrays", async () => {
    const lab = await scene();
    const victim = lab.others[0];
    const betrayed = lab.path.nodes[0]?.encryptedPathSecret.length;
    assert(victim && betrayed === 1);
    const { groupContext: context } = lab.attacker;
    const { treeHash } = lab.made.next.groupContext;
    const info = encodeGroupContext({ ...context, epoch: context.epoch + 1n, treeHash });
    const purpose = preparePurpose(SUITE, { label: "UpdatePathNode", context: info });
    const key = publicKeyAt(lab.attacker.ratchetTree, 2 * victim.privatePath.leafIndex);
    const secret = crypto.getRandomValues(new Uint8Array(64));
    const wrong = await sealFor(SUITE, key, purpose, secret);
    const path = withNode(lab.path, 0, { encryptedPathSecret: [wrong] });
    const forged = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
    const message = /does not lead to the keys of the path/;
    await assert.rejects(followOne(victim, forged), { message });
  });

  test("sealed for another epoch or tree does not open", async () => {
    const lab = await scene();
    const victim = lab.others[0];
    assert(victim);
    const key = publicKeyAt(lab.attacker.ratchetTree, 2 * victim.privatePath.leafIndex);
    const { groupContext } = lab.attacker;
    for (const context of [groupContext, { ...groupContext, epoch: groupContext.epoch + 1n }]) {
      const purpose = preparePurpose(SUITE, {
        label: "UpdatePathNode",
        context: encodeGroupContext(context),
      });
      const sealed = await sealFor(SUITE, key, purpose, new Uint8Array(64));
      const path = withNode(lab.path, 0, { encryptedPathSecret: [sealed] });
      const forged = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
      await assert.rejects(followOne(victim, forged), { name: "OperationError" });
    }
  });

  test("with a leaf that was signed for another place or group is refused", async () => {
    const lab = await scene();
    const elsewhere = await scene();
    const place = await resignLeaf(lab.attacker, lab.path.leafNode, {}, 3);
    const groupContext = { ...elsewhere.attacker.groupContext };
    const group = await resignLeaf({ ...lab.attacker, groupContext }, lab.path.leafNode, {});
    for (const leafNode of [place, group]) {
      const path = { ...lab.path, leafNode };
      const forged = await forge(lab.attacker, lab.made.commit, { alter: () => ({ path }) });
      await assertRefused(lab, forged, /leaf's signature is not valid/);
    }
  });
});

suite("a commit", () => {
  test("with another confirmation tag is refused", async () => {
    const lab = await scene();
    for (const confirmationTag of [new Uint8Array(64), new Uint8Array()]) {
      const forged = await forge(lab.attacker, lab.made.commit, { confirmationTag });
      await assertRefused(lab, forged, /confirmation tag is not valid/);
    }
  });

  test("signed by a member who is not the sender it names is refused", async () => {
    const lab = await scene();
    const sender = { senderType: "member", leafIndex: 3 } as const;
    const forged = await forge(lab.attacker, lab.made.commit, { sender });
    await assertRefused(lab, forged, /Signature invalid/);
  });

  test("of an earlier epoch is not valid under a later number", async () => {
    const { attacker, others, made } = await scene();
    const { content, auth } = decodeCommit(SUITE, made.commit).message;
    assert(content.contentType === "commit" && auth.contentType === "commit");
    const second = await commitOf(made.next);
    const states = await follow(others, made.commit);
    // Whoever replays it is a member, and can make the membership tag anew.
    const epoch = content.epoch + 1n;
    const replayed = await protect(made.next, { ...content, epoch }, auth);
    for (const state of states) {
      await assert.rejects(followOne(state, replayed), { message: /Signature invalid/ });
    }
    await follow(states, second.commit);
    assert.equal(attacker.groupContext.epoch + 1n, epoch);
  });

  test("without a valid membership tag is refused, though a member has signed it", async () => {
    const lab = await scene();
    const { content, auth } = decodeCommit(SUITE, lab.made.commit).message;
    assert(content.contentType === "commit" && auth.contentType === "commit");
    const { keySchedule } = lab.attacker;
    const outsider = { ...keySchedule, membershipKey: new Uint8Array(64) };
    const forged = await protect({ ...lab.attacker, keySchedule: outsider }, content, auth);
    await assertRefused(lab, forged, /Could not verify membership/);
  });

  test("that adds a leaf with a key of the tree is refused", async () => {
    const { attacker, others } = await scene();
    const tree = attacker.ratchetTree;
    const owner = await newOwner(createInvitation());
    const taken = [leafAt(tree, 1)?.hpkePublicKey, parentAt(tree, 3)?.hpkePublicKey];
    for (const hpkePublicKey of taken) {
      assert(hpkePublicKey);
      const { keyPackage } = await forgeKeyPackage(owner, { hpkePublicKey });
      const { commit } = await commitOf(attacker, { added: [keyPackage] });
      for (const state of others) {
        await assert.rejects(followOne(state, commit), { message: /holds a key twice/ });
      }
    }
  });
});

suite("a newcomer's own commit (RFC 9420 section 12.4.3.2)", () => {
  const sender = { senderType: "new_member_commit" } as const;

  async function entering() {
    const invitation = createInvitation();
    const states = await statesOf(3, invitation);
    const [first] = states;
    assert(first);
    const owner = await newOwner(invitation);
    const { commit } = await enterGroup(owner, invitation, await encodeGroupInfo(first));
    const newcomer = { ...first, signaturePrivateKey: owner.keys.signKey };
    const forgeEntry = (alter: NonNullable<Forgery["alter"]>) =>
      forge(newcomer, commit, { sender, alter });
    return { states, commit, newcomer, forgeEntry };
  }

  async function assertNobodyFollows(states: readonly MlsState[], forged: Uint8Array) {
    for (const state of states) await assert.rejects(followOne(state, forged), { code: "refused" });
  }

  test("whose init secret is another's than it says is refused", async () => {
    const { states, commit, forgeEntry } = await entering();
    const kemOutput = crypto.getRandomValues(new Uint8Array(1_120));
    for (const output of [kemOutput, kemOutput.subarray(1)]) {
      const forged = await forgeEntry(() => ({
        proposals: [
          {
            proposalOrRefType: "proposal",
            proposal: { proposalType: "external_init", externalInit: { kemOutput: output } },
          },
        ],
      }));
      for (const state of states) await assert.rejects(followOne(state, forged));
    }
    await follow(states, commit);
  });

  test("is held to the confirmation tag by each member", async () => {
    const { states, commit, newcomer } = await entering();
    const confirmationTag = new Uint8Array(64);
    await assertNobodyFollows(states, await forge(newcomer, commit, { sender, confirmationTag }));
    await follow(states, commit);
  });

  test("with a leaf for another place is refused", async () => {
    const { states, commit, newcomer, forgeEntry } = await entering();
    const { content } = decodeCommit(SUITE, commit).message;
    assert(content.contentType === "commit" && content.commit.path);
    const { leafNode } = content.commit.path;
    for (const place of [0, 2, 4]) {
      const resigned = await resignLeaf(newcomer, leafNode, {}, place);
      const forged = await forgeEntry(({ path }) => ({ path: { ...path, leafNode: resigned } }));
      await assertNobodyFollows(states, forged);
    }
    await follow(states, commit);
  });
});
