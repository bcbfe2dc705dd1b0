import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CallGroup, Newcomer } from "../../../../src/e2ee/group/index.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { decodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import { publicKeyAt } from "../../../../src/e2ee/group/mls/ratchet-tree.ts";
import { CallLab, randomId } from "./call-lab.ts";
import { forgeKeyPackage } from "./forged-key-package.ts";
import { newOwner } from "./state-lab.ts";
import { SUITE } from "./library-suite.ts";

const DAY_MS = 86_400_000;

function newcomerTo(lab: CallLab, participantId = randomId(), nowMs = Date.now()) {
  return Newcomer.create({ invitation: lab.invitation, participantId }, nowMs);
}

/** Which of them the group's first member lets in. */
async function admitted(lab: CallLab, add: readonly Uint8Array[]): Promise<readonly string[]> {
  const pending = await lab.at(0).prepareChange({ add }, Date.now());
  pending.discard();
  return pending.joined;
}

function sorted(ids: readonly string[]): string[] {
  return [...ids].sort();
}

suite("newcomers who come together", () => {
  test("are let in by one commit, which shuts leavers out too", async () => {
    const lab = await CallLab.of(3);
    const { epoch } = lab.at(0);
    await lab.admit(lab.at(0), 9, { remove: [lab.idAt(1)] });
    await lab.assertAgreement();
    assert.equal(lab.at(0).epoch, epoch + 1);
    assert.equal(lab.groups.size, 11);
  });

  test("can themselves let others in, update, remove, and be joined from outside", async () => {
    const lab = await CallLab.of(2);
    await lab.admit(lab.at(1), 5);
    await lab.admit(lab.at(5), 3);
    await lab.assertAgreement();
    await lab.join();
    await lab.update(lab.at(4));
    await lab.admit(lab.at(8), 2, { remove: [lab.idAt(0), lab.idAt(6)] });
    await lab.join();
    await lab.remove(lab.at(3), [lab.idAt(1)]);
    await lab.assertAgreement();
  });

  test("may be members that come again, in place of their own leaves", async () => {
    const lab = await CallLab.of(4);
    const returning = [lab.idAt(1), lab.idAt(3)];
    await lab.admit(lab.at(0), 1, { returning });
    await lab.assertAgreement();
    assert.equal(lab.groups.size, 5);
  });

  test("are told who joined and who left", async () => {
    const lab = await CallLab.of(3);
    const participantId = randomId();
    const newcomer = await newcomerTo(lab, participantId);
    const remove = [lab.idAt(2), randomId()];
    const again = await Newcomer.returning(lab.at(1), Date.now());
    const add = [newcomer.keyPackage, again.keyPackage];
    const pending = await lab.at(0).prepareChange({ remove, add }, Date.now());
    assert.deepEqual(pending.joined, [participantId]);
    assert.deepEqual(pending.left, [lab.idAt(2)]);
  });

  test("keep nobody else out who may not come in", async () => {
    const lab = await CallLab.of(2);
    const good = randomId();
    const elsewhere = createInvitation();
    const { roomId } = lab.invitation;
    const without = { invitation: { ...elsewhere, roomId }, participantId: randomId() };
    const packages = [
      Uint8Array.of(1, 2, 3),
      (await Newcomer.create(without, Date.now())).keyPackage,
      (await newcomerTo(lab, randomId(), Date.now() - DAY_MS)).keyPackage,
      (await newcomerTo(lab, randomId(), Date.now() + DAY_MS)).keyPackage,
      // Another's id, and the committer's own.
      (await newcomerTo(lab, lab.idAt(1))).keyPackage,
      (await Newcomer.returning(lab.at(0), Date.now())).keyPackage,
      (await newcomerTo(lab, good)).keyPackage,
      (await newcomerTo(lab, good)).keyPackage,
    ];
    const altered = packages[6]?.map((byte, at) => (at === 700 ? byte ^ 1 : byte));
    assert(altered);
    assert.deepEqual(await admitted(lab, [altered, ...packages]), [good]);
  });

  test("keep nobody else out who bring a key that is there already", async () => {
    const lab = await CallLab.of(3);
    const { tree } = decodeGroupInfo(SUITE, await lab.at(0).groupInfo());
    const admission = lab.invitation;
    const [first, second] = [await newOwner(admission), await newOwner(admission)];
    const twin = { ...(await newOwner(admission)), keys: first.keys };
    const fresh = await forgeKeyPackage(first, {});
    const packages = [
      // A leaf's key, a parent's, and one that serves as an init key.
      await forgeKeyPackage(second, { hpkePublicKey: publicKeyAt(tree, 2) }),
      await forgeKeyPackage(second, { hpkePublicKey: publicKeyAt(tree, 1) }),
      await forgeKeyPackage(second, { initKey: publicKeyAt(tree, 0) }),
      fresh,
      // The same person under another id, and another one with the same leaf.
      await forgeKeyPackage(twin, {}),
      await forgeKeyPackage(second, { hpkePublicKey: fresh.keyPackage.leafNode.hpkePublicKey }),
      await forgeKeyPackage(second, { initKey: fresh.keyPackage.initKey }),
    ];
    const good = randomId();
    const add = [
      ...packages.map(({ encoded }) => encoded),
      (await newcomerTo(lab, good)).keyPackage,
    ];
    assert.deepEqual(sorted(await admitted(lab, add)), sorted([first.participantId, good]));
  });

  test("bring KeyPackages for minutes, whatever they say themselves", async () => {
    const lab = await CallLab.of(1);
    const nowS = BigInt(Math.floor(Date.now() / 1_000));
    const admissible = { notBefore: nowS - 100n, notAfter: nowS + 400n };
    const lifetimes = [
      { notBefore: 0n, notAfter: 2n ** 64n - 1n },
      { notBefore: nowS - 10n, notAfter: nowS + 86_400n },
      { notBefore: nowS + 100n, notAfter: nowS - 100n },
      admissible,
    ];
    const owners = await Promise.all(lifetimes.map(() => newOwner(lab.invitation)));
    const packages = await Promise.all(
      owners.map((owner, at) => forgeKeyPackage(owner, { lifetime: lifetimes[at] ?? admissible })),
    );
    const add = packages.map(({ encoded }) => encoded);
    assert.deepEqual(await admitted(lab, add), [owners[3]?.participantId]);
  });
});

suite("a Welcome", () => {
  test("opens for its newcomers only, once", async () => {
    const lab = await CallLab.of(2);
    const [invited, other] = [await newcomerTo(lab), await newcomerTo(lab)];
    const add = [invited.keyPackage];
    const pending = await lab.at(0).prepareChange({ add }, Date.now());
    assert(pending.welcome);
    await assert.rejects(other.enter(pending.welcome), { message: /is for others/ });
    const group = await invited.enter(pending.welcome);
    pending.apply();
    assert.deepEqual(group.epochAuthenticator, lab.at(0).epochAuthenticator);
    await assert.rejects(invited.enter(pending.welcome), RangeError);
  });

  test("is refused when a byte of it was changed, and still opens unchanged", async () => {
    const lab = await CallLab.of(2);
    const newcomer = await newcomerTo(lab);
    const pending = await lab.at(0).prepareChange({ add: [newcomer.keyPackage] }, Date.now());
    const { welcome } = pending;
    assert(welcome);
    for (let at = 0; at < welcome.length; at += 499) {
      const altered = welcome.with(at, (welcome[at] ?? 0) ^ 4);
      await assert.rejects(newcomer.enter(altered), { code: "refused" });
    }
    await newcomer.enter(welcome);
  });

  test("of a group that somebody without the link made up is refused", async () => {
    const lab = await CallLab.of(1);
    const newcomer = await newcomerTo(lab);
    const { roomId } = lab.invitation;
    // The ghost takes the newcomer's KeyPackage as it is, without any check.
    const forged = { ...createInvitation(), roomId };
    const ghost = await CallGroup.create({ invitation: forged, participantId: randomId() });
    const pending = await ghost.prepareChange({ add: [newcomer.keyPackage] }, Date.now());
    assert.deepEqual(pending.joined, [], "an honest client would not even make it");
  });

  test("is not opened by who has given up", async () => {
    const lab = await CallLab.of(1);
    const newcomer = await newcomerTo(lab);
    const pending = await lab.at(0).prepareChange({ add: [newcomer.keyPackage] }, Date.now());
    newcomer.close();
    assert(pending.welcome);
    await assert.rejects(newcomer.enter(pending.welcome), RangeError);
  });
});

suite("a locked call", () => {
  async function locked(): Promise<CallLab> {
    const lab = await CallLab.of(3);
    await lab.accept(lab.at(1), await lab.at(1).prepareLock(true));
    return lab;
  }

  test("is locked for everybody", async () => {
    const lab = await locked();
    for (const group of lab.groups.values()) assert(group.locked);
    await lab.assertAgreement();
  });

  test("lets nobody in, and says so", async () => {
    const lab = await locked();
    const { invitation } = lab;
    const groupInfo = await lab.at(0).groupInfo();
    const joining = CallGroup.join({ invitation, participantId: randomId() }, groupInfo);
    await assert.rejects(joining, { code: "locked" });
    assert.deepEqual(await admitted(lab, [(await newcomerTo(lab)).keyPackage]), []);
  });

  test("refuses whoever comes nevertheless", async () => {
    const lab = await CallLab.of(2);
    const { invitation } = lab;
    const lock = await lab.at(0).prepareLock(true);
    const early = await lab.at(1).groupInfo();
    // Made for the epoch that the lock begins, by somebody who does not heed it.
    lock.apply();
    const outcome = await lab.at(1).process(lock.commit);
    assert.equal(outcome.action, "lock");
    assert.equal(outcome.committer, lab.idAt(0));
    const entry = await CallGroup.join({ invitation, participantId: randomId() }, early);
    await assert.rejects(lab.at(0).process(entry.commit), { code: "wrong-epoch" });
  });

  test("lets members come again, and newcomers after it was unlocked", async () => {
    const lab = await locked();
    await lab.admit(lab.at(0), 0, { returning: [lab.idAt(2)] });
    const entry = await lab.at(1).rejoin(await lab.at(0).groupInfo());
    const participantId = lab.idAt(1);
    lab.groups.delete(participantId);
    await lab.deliver(entry.commit);
    lab.groups.set(participantId, entry.group);
    assert(entry.group.locked);
    await lab.accept(lab.at(0), await lab.at(0).prepareLock(false));
    await lab.join();
    await lab.admit(lab.at(0), 1);
    await lab.assertAgreement();
  });
});

suite("a kick", () => {
  async function kicked() {
    const lab = await CallLab.of(4);
    const victim = lab.at(3);
    const pending = await lab.at(1).prepareKick([lab.idAt(3)]);
    lab.groups.delete(lab.idAt(3));
    await assert.rejects(victim.process(pending.commit), { code: "kicked" });
    await lab.accept(lab.at(1), pending);
    return { lab, before: lab.invitation };
  }

  test("gives all who stay the same new link", async () => {
    const { lab, before } = await kicked();
    const [first] = lab.groups.values();
    for (const group of lab.groups.values()) {
      assert.deepEqual(group.invitation, first?.invitation);
      assert.notDeepEqual(group.invitation.admissionKey, before.admissionKey);
      assert.equal(group.invitation.roomId, before.roomId);
    }
    await lab.assertAgreement();
  });

  test("makes the old link void, for joining and for being added", async () => {
    const { lab, before } = await kicked();
    const participantId = randomId();
    const old = { invitation: before, participantId };
    const joining = CallGroup.join(old, await lab.at(0).groupInfo());
    await assert.rejects(joining, { code: "link-void" });
    const { keyPackage } = await Newcomer.create(old, Date.now());
    assert.deepEqual(await admitted(lab, [keyPackage]), []);
  });

  test("lets newcomers in by the new link, and goes on", async () => {
    const { lab } = await kicked();
    const { invitation } = lab.at(0);
    for (let round = 0; round < 2; round += 1) {
      const participantId = randomId();
      const groupInfo = await lab.at(round).groupInfo();
      const entry = await CallGroup.join({ invitation, participantId }, groupInfo);
      await lab.deliver(entry.commit);
      lab.groups.set(participantId, entry.group);
      await lab.assertAgreement();
      await lab.update(lab.at(0));
    }
    await lab.admit(lab.at(4), 3);
    await lab.update(lab.at(2));
    await lab.assertAgreement();
  });

  test("does not shut out a member that comes again with its old proof", async () => {
    const { lab } = await kicked();
    const stale = lab.at(2);
    const participantId = lab.idAt(2);
    const entry = await stale.rejoin(await lab.at(0).groupInfo());
    lab.groups.delete(participantId);
    await lab.deliver(entry.commit);
    lab.groups.set(participantId, entry.group);
    await lab.assertAgreement();
  });
});
