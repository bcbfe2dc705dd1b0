import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ClientState, KeyPackage, LeafNode, Proposal } from "ts-mls";
import { encodeMlsMessage } from "ts-mls/message.js";
import { createProposal } from "ts-mls/createMessage.js";
import { GROUP_LIMITS } from "../../../../src/e2ee/group/index.ts";
import { encodeLeafIdentity } from "../../../../src/e2ee/group/leaf-identity.ts";
import type { Admission } from "../../../../src/e2ee/group/leaf-identity.ts";
import { makeKeyPackage } from "../../../../src/e2ee/group/mls/key-package.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { CallLab, randomId } from "./call-lab.ts";
import { SUITE, forLibrary, generateLeafKeys, librarySuite } from "./library-suite.ts";
import { commitHostile, commitWithoutPath, enterAsInsider } from "./hostile.ts";

const NOT_ALLOWED = /a proposal that is not allowed/;

async function labWithInsider() {
  const lab = await CallLab.of(2);
  const insider = await enterAsInsider(lab.invitation, await lab.at(0).groupInfo());
  await lab.deliver(insider.commit);
  return { lab, ...insider };
}

async function assertRefused(lab: CallLab, commit: Uint8Array, message: RegExp): Promise<void> {
  for (const group of lab.groups.values()) {
    const { epoch, epochAuthenticator } = group;
    await assert.rejects(group.process(commit), { code: "refused", message });
    assert.equal(group.epoch, epoch);
    assert.deepEqual(group.epochAuthenticator, epochAuthenticator);
  }
}

/** As `assertRefused`, by the first member: the commit removes the second. */
async function assertStayersRefuse(lab: CallLab, commit: Uint8Array, message: RegExp) {
  await assert.rejects(lab.at(0).process(commit), { code: "refused", message });
}

function withOwnLeaf(state: MlsState, changes: Partial<LeafNode>): MlsState {
  const ratchetTree = state.ratchetTree.map((node, index) =>
    index === 2 * state.privatePath.leafIndex && node?.nodeType === "leaf"
      ? { ...node, leaf: Object.assign({}, node.leaf, changes) }
      : node,
  );
  return { ...state, ratchetTree };
}

/** Our states have none; the library seals proposals with it. */
function withHandshakeRatchet(state: ClientState): ClientState {
  const own = 2 * state.privatePath.leafIndex;
  const handshake = { secret: new Uint8Array(64), generation: 0, unusedGenerations: {} };
  const secretTree = state.secretTree.slice();
  secretTree[own] = { handshake, application: handshake };
  return { ...state, secretTree };
}

suite("a member", () => {
  test("cannot commit anything but adds, removals and its own update", async () => {
    const { lab, state, own } = await labWithInsider();
    const proposals: Proposal[] = [
      {
        proposalType: "psk",
        psk: {
          preSharedKeyId: {
            psktype: "external",
            pskId: Uint8Array.of(1),
            pskNonce: new Uint8Array(64),
          },
        },
      },
      {
        proposalType: "reinit",
        reinit: {
          groupId: Uint8Array.of(1),
          version: "mls10",
          cipherSuite: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
          extensions: [],
        },
      },
      { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } },
      { proposalType: 0xf001, proposalData: Uint8Array.of(1) },
    ];
    const pskIndex = { findPsk: () => new Uint8Array(64) };
    const remove: Proposal = { proposalType: "remove", remove: { removed: 1 } };
    for (const proposal of proposals) {
      await assertRefused(lab, await commitHostile(state, [proposal], pskIndex), NOT_ALLOWED);
      if (proposal.proposalType === "reinit") continue;
      await assertRefused(
        lab,
        await commitHostile(state, [remove, proposal], pskIndex),
        NOT_ALLOWED,
      );
    }
    assert(lab.at(0).members.some((member) => member.participantId === own.participantId));
    await lab.remove(lab.at(0), [lab.idAt(1)]);
  });

  test("cannot add a ghost: each KeyPackage is held to what a newcomer is", async () => {
    const { lab, state, own } = await labWithInsider();
    const keys = await generateLeafKeys();
    const { roomId } = lab.invitation;
    const without = { roomId, admissionKey: crypto.getRandomValues(new Uint8Array(32)) };
    const packageOf = async (participantId: string, admission: Admission, signer = keys) => {
      const owner = { suite: SUITE, participantId, keys: signer, admission };
      return (await makeKeyPackage(owner, Date.now())).secrets.keyPackage;
    };
    const valid = await packageOf(randomId(), lab.invitation);
    const path: Proposal = { proposalType: "remove", remove: { removed: 1 } };
    const add = async (keyPackage: KeyPackage, ...others: Proposal[]) =>
      commitHostile(state, [...others, { proposalType: "add", add: { keyPackage } }]);
    const cases: [RegExp, KeyPackage][] = [
      [/does not prove that it holds the link/, await packageOf(randomId(), without)],
      [/takes the id of a member/, await packageOf(lab.idAt(0), lab.invitation)],
      [/takes the id of a member/, await packageOf(own.participantId, lab.invitation)],
      [/replaces another member/, await packageOf(lab.idAt(1), lab.invitation)],
      [/KeyPackage's signature is not valid/, { ...valid, signature: new Uint8Array(64) }],
      [/a key that is not one/, { ...valid, initKey: new Uint8Array(5) }],
      [/uses one key twice/, { ...valid, initKey: valid.leafNode.hpkePublicKey }],
    ];
    for (const [message, keyPackage] of cases) {
      // The library would make a commit of some of them; the others it cannot seal to.
      const commit = await add(keyPackage, path).catch(() => undefined);
      if (commit !== undefined) await assertStayersRefuse(lab, commit, message);
    }
    const swapped = { ...valid.leafNode, hpkePublicKey: valid.initKey };
    const commit = await add({ ...valid, leafNode: swapped, initKey: valid.initKey }, path).catch(
      () => undefined,
    );
    if (commit !== undefined) await assertStayersRefuse(lab, commit, /refused|valid|twice/);
    // Adds alone come without a path from the library: ours refuses such.
    await assertRefused(lab, await add(valid), /carries no path/);
    const outcome = await lab.at(0).process(await add(valid, path));
    assert.equal(outcome.joined.length, 1);
  });

  test("cannot remove a leaf that is not there", async () => {
    const { lab, state } = await labWithInsider();
    for (const removed of [3, 7, 2 ** 31, 2 ** 32 - 1]) {
      await assertRefused(lab, await commitWithoutPath(state, removed), /leaf that is not there/);
    }
  });

  test("cannot make a removal without a path, whose keys the removed one would learn", async () => {
    const { lab, state } = await labWithInsider();
    await assertRefused(lab, await commitWithoutPath(state, 1), /carries no path/);
  });

  test("cannot change its id or its signature key", async () => {
    const { lab, state, own } = await labWithInsider();
    const identity = encodeLeafIdentity(randomId(), own.keys.publicKey, lab.invitation);
    const renamed = withOwnLeaf(state, { credential: { credentialType: "basic", identity } });
    await assertRefused(lab, await commitHostile(renamed, []), /changes its id or signature key/);

    const keys = await generateLeafKeys();
    const rekeyed = withOwnLeaf(state, {
      signaturePublicKey: keys.publicKey,
      credential: {
        credentialType: "basic",
        identity: encodeLeafIdentity(own.participantId, keys.publicKey, lab.invitation),
      },
    });
    await assertRefused(lab, await commitHostile(rekeyed, []), /changes its id or signature key/);
  });

  test("cannot commit in another's name", async () => {
    const { lab, state } = await labWithInsider();
    const posing = { ...state, privatePath: { ...state.privatePath, leafIndex: 1 } };
    await assertRefused(lab, await commitHostile(posing, []), /not valid in this group/);
  });

  test("cannot propose: only whole commits are taken", async () => {
    const { lab, state } = await labWithInsider();
    const proposal: Proposal = { proposalType: "remove", remove: { removed: 1 } };
    const made = await createProposal(forLibrary(state), true, proposal, await librarySuite());
    await assertRefused(lab, encodeMlsMessage(made.message), /not an MLS commit/);
    await assertRefused(lab, await commitHostile(made.newState, []), NOT_ALLOWED);
    const sealing = withHandshakeRatchet(forLibrary(state));
    const sealed = await createProposal(sealing, false, proposal, await librarySuite());
    await assertRefused(lab, encodeMlsMessage(sealed.message), /not a public MLS message/);
    const asMessage = lab.at(0).openMessage(encodeMlsMessage(sealed.message));
    await assert.rejects(asMessage, { code: "refused" });
  });
});

suite("the delivery service", () => {
  test("cannot remove a member with another group's commit", async () => {
    const lab = await CallLab.of(2);
    const other = await CallLab.of(2);
    const pending = await other.at(0).prepareRemove([other.idAt(1)]);
    await assertRefused(lab, pending.commit, /of another group/);
  });

  test("cannot skip or repeat a commit", async () => {
    const lab = await CallLab.of(3);
    const first = await lab.at(0).prepareUpdate();
    await lab.accept(lab.at(0), first);
    const behind = lab.at(2);
    lab.groups.delete(lab.idAt(2));
    const second = await lab.at(0).prepareUpdate();
    await lab.accept(lab.at(0), second);
    const third = await lab.at(0).prepareUpdate();
    await assert.rejects(behind.process(third.commit), { code: "wrong-epoch", messageEpoch: 4 });
    await assert.rejects(behind.process(first.commit), { code: "wrong-epoch", messageEpoch: 2 });
    await behind.process(second.commit);
    assert.deepEqual(behind.epochAuthenticator, lab.at(0).epochAuthenticator);
  });

  test("cannot make a member parse what is too large or empty", async () => {
    const lab = await CallLab.of(1);
    const group = lab.at(0);
    const message = /no allowed size/;
    for (const size of [0, GROUP_LIMITS.commitBytes + 1]) {
      await assertRefused(lab, new Uint8Array(size), message);
    }
    for (const size of [0, GROUP_LIMITS.messageBytes + 1]) {
      await assert.rejects(group.openMessage(new Uint8Array(size)), { code: "refused", message });
    }
  });
});
