import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Extension } from "ts-mls";
import { CallGroup } from "../../../../src/e2ee/group/index.ts";
import { encodeLeafIdentity } from "../../../../src/e2ee/group/leaf-identity.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { CallLab, randomId } from "./call-lab.ts";
import type { HostileLeaf } from "./hostile.ts";
import { enterAsInsider, joinHostile } from "./hostile.ts";
import { generateLeafKeys } from "./library-suite.ts";

const NO_PROOF = /does not prove that it holds the link/;
const NOT_PLAIN = /does not support what this group is made of/;

/** Asserts that both members refuse the newcomer, and that the call goes on. */
async function assertRefused(
  lab: CallLab,
  message: RegExp,
  makeLeaf: (keys: HostileLeaf["keys"]) => Partial<HostileLeaf>,
): Promise<void> {
  const keys = await generateLeafKeys();
  const identity = encodeLeafIdentity(randomId(), keys.publicKey, lab.invitation);
  const leaf = { keys, identity, ...makeLeaf(keys) };
  const commit = await joinHostile(await lab.at(0).groupInfo(), leaf);
  for (const group of lab.groups.values()) {
    const epoch = group.epoch;
    await assert.rejects(group.process(commit), { code: "refused", message });
    assert.equal(group.epoch, epoch);
  }
  await lab.assertAgreement();
  await lab.update(lab.at(0));
  await lab.assertAgreement();
}

suite("the delivery service, and others without the link,", () => {
  test("cannot join with a proof made without the link", async () => {
    const lab = await CallLab.of(2);
    const { roomId } = lab.invitation;
    const admission = { roomId, admissionKey: crypto.getRandomValues(new Uint8Array(32)) };
    await assertRefused(lab, NO_PROOF, ({ publicKey }) => ({
      identity: encodeLeafIdentity(randomId(), publicKey, admission),
    }));
  });

  test("cannot join with a member's credential on another signature key", async () => {
    const lab = await CallLab.of(2);
    const { commit, own } = await enterAsInsider(lab.invitation, await lab.at(0).groupInfo());
    await lab.deliver(commit);
    const seen = encodeLeafIdentity(own.participantId, own.keys.publicKey, lab.invitation);
    const keys = await generateLeafKeys();
    const replayed = await joinHostile(await lab.at(0).groupInfo(), { keys, identity: seen });
    const refusal = { code: "refused", message: NO_PROOF };
    await assert.rejects(lab.at(0).process(replayed), refusal);
  });

  test("cannot join with a credential of another room", async () => {
    const lab = await CallLab.of(2);
    const elsewhere = createInvitation();
    await assertRefused(lab, NO_PROOF, ({ publicKey }) => ({
      identity: encodeLeafIdentity(randomId(), publicKey, elsewhere),
    }));
    await assertRefused(lab, NO_PROOF, ({ publicKey }) => ({
      identity: encodeLeafIdentity(randomId(), publicKey, {
        roomId: elsewhere.roomId,
        admissionKey: lab.invitation.admissionKey,
      }),
    }));
  });

  test("cannot join with an identity of another length or version", async () => {
    const lab = await CallLab.of(2);
    await assertRefused(lab, NO_PROOF, () => ({ identity: new Uint8Array() }));
    await assertRefused(lab, NO_PROOF, ({ publicKey }) => ({
      identity: encodeLeafIdentity(randomId(), publicKey, lab.invitation).with(0, 2),
    }));
  });

  test("cannot play a join again", async () => {
    const lab = await CallLab.of(2);
    const { invitation } = lab;
    const groupInfo = await lab.at(0).groupInfo();
    const entry = await CallGroup.join({ invitation, participantId: randomId() }, groupInfo);
    await lab.deliver(entry.commit);
    await assert.rejects(lab.at(0).process(entry.commit), { code: "wrong-epoch", messageEpoch: 1 });
  });
});

suite("somebody with the link", () => {
  test("cannot take a member's id, nor the member's place", async () => {
    const lab = await CallLab.of(2);
    const victim = lab.idAt(1);
    const takes = (publicKey: Uint8Array) => encodeLeafIdentity(victim, publicKey, lab.invitation);
    await assertRefused(lab, /takes the id of a member/, ({ publicKey }) => ({
      identity: takes(publicKey),
    }));
    const victimKey = lab.at(0).members[1]?.signatureKey;
    await assertRefused(lab, /removes another member/, ({ publicKey }) => ({
      identity: takes(publicKey),
      replaces: (leaf) => Buffer.from(leaf.signaturePublicKey).equals(victimKey ?? Buffer.of()),
    }));
  });

  test("cannot shut out a member while joining", async () => {
    const lab = await CallLab.of(3);
    const own = lab.at(0).members[2]?.signatureKey;
    await assertRefused(lab, /removes another member/, () => ({
      replaces: (leaf) => Buffer.from(leaf.signaturePublicKey).equals(own ?? Buffer.of()),
    }));
  });

  test("cannot bring a leaf that would make the tree useless to others", async () => {
    const lab = await CallLab.of(2);
    const unknown: Extension = { extensionType: 0xff00, extensionData: Uint8Array.of(1) };
    await assertRefused(lab, NOT_PLAIN, () => ({ extensions: [unknown] }));
    await assertRefused(lab, NOT_PLAIN, () => ({ capabilities: { ciphersuites: [] } }));
    await assertRefused(lab, NOT_PLAIN, () => ({ capabilities: { versions: [] } }));
    await assertRefused(lab, NOT_PLAIN, () => ({ capabilities: { credentials: ["x509"] } }));
  });

  test("is told when its id is taken", async () => {
    const lab = await CallLab.of(2);
    const options = { invitation: lab.invitation, participantId: lab.idAt(1) };
    const refusal = { code: "refused", message: /another leaf has this participant's id/ };
    await assert.rejects(CallGroup.join(options, await lab.at(0).groupInfo()), refusal);
  });
});
