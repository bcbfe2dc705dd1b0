import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { DEFAULT_CIPHER_SUITE } from "../../../../src/e2ee/frame/index.ts";
import { CallGroup, GROUP_LIMITS } from "../../../../src/e2ee/group/index.ts";
import { ClosedError } from "../../../../src/lib/closed-error.ts";
import { CallLab, randomId } from "./call-lab.ts";

/** Long enough for a queued task to begin, too short for a signature to be checked. */
async function taskUnderWay(): Promise<void> {
  for (let tick = 0; tick < 5; tick += 1) await Promise.resolve();
}

const bytes = (text: string) => new TextEncoder().encode(text);

suite("a call group", () => {
  test("starts at epoch 0 with its creator alone", async () => {
    const lab = await CallLab.of(1);
    const group = lab.at(0);
    assert.equal(group.epoch, 0);
    assert.equal(group.ownLeafIndex, 0);
    assert.equal((await group.frameKeys()).baseKey.length, DEFAULT_CIPHER_SUITE.keyBytes);
    assert.equal(group.epochAuthenticator.length, 64);
    await lab.assertAgreement();
  });

  test("lets eight members come, renew their keys and go, one epoch each", async () => {
    const lab = await CallLab.of(2);
    while (lab.groups.size < 8) {
      await lab.join();
      await lab.assertAgreement();
    }
    await lab.update(lab.at(5));
    await lab.assertAgreement();
    await lab.remove(lab.at(2), [lab.idAt(0), lab.idAt(4), lab.idAt(7)]);
    await lab.assertAgreement();
    await lab.join();
    await lab.assertAgreement();
    assert.equal(lab.at(0).epoch, 10);
    assert.deepEqual(
      lab.at(0).members.map((member) => member.leafIndex),
      [0, 1, 2, 3, 5, 6],
    );
  });

  test("tells what a commit did", async () => {
    const lab = await CallLab.of(2);
    const participantId = randomId();
    const { invitation } = lab;
    const groupInfo = await lab.at(1).groupInfo();
    const entry = await CallGroup.join({ invitation, participantId }, groupInfo);
    assert.equal(entry.epoch, 1);
    assert.equal(entry.group.epoch, 2);
    const [outcome] = await lab.deliver(entry.commit);
    const came = {
      epoch: 2,
      joined: [participantId],
      left: [],
      committer: participantId,
      action: "none",
    };
    assert.deepEqual(outcome, came);

    const pending = await lab.at(0).prepareRemove([lab.idAt(1)]);
    assert.equal(pending.epoch, 2);
    const gone = {
      epoch: 3,
      joined: [],
      left: [lab.idAt(1)],
      committer: lab.idAt(0),
      action: "none",
    };
    assert.deepEqual(await entry.group.process(pending.commit), gone);
  });

  test("gives each epoch keys of its own", async () => {
    const lab = await CallLab.of(2);
    const before = await lab.at(0).frameKeys();
    const authenticator = lab.at(0).epochAuthenticator;
    await lab.update(lab.at(1));
    const after = await lab.at(0).frameKeys();
    assert.equal(after.epoch, before.epoch + 1);
    assert.notDeepEqual(after.baseKey, before.baseKey);
    assert.notDeepEqual(lab.at(0).epochAuthenticator, authenticator);
  });

  test("tells a removed member so, and is over for it", async () => {
    const lab = await CallLab.of(3);
    const pending = await lab.at(0).prepareRemove([lab.idAt(2)]);
    const removed = lab.at(2);
    await assert.rejects(removed.process(pending.commit), { code: "removed" });
    assert(removed.closed);
    await assert.rejects(removed.frameKeys(), ClosedError);
    assert.throws(() => removed.epochAuthenticator, ClosedError);
  });

  test("refuses to remove strangers, oneself or nobody", async () => {
    const lab = await CallLab.of(2);
    for (const ids of [[randomId()], [lab.idAt(0)], []]) {
      await assert.rejects(lab.at(0).prepareRemove(ids), { code: "unknown-participant" });
    }
  });

  test("refuses everything once it is closed, even what was under way", async () => {
    const lab = await CallLab.of(2);
    const group = lab.at(1);
    const pending = await group.prepareUpdate();
    const { commit } = await lab.at(0).prepareUpdate();
    const running = [group.process(commit), group.frameKeys(), group.groupInfo()];
    await taskUnderWay();
    group.close();
    group.close();
    for (const task of running) await assert.rejects(task, ClosedError);
    await assert.rejects(group.groupInfo(), ClosedError);
    await assert.rejects(group.rejoin(await lab.at(0).groupInfo()), ClosedError);
    assert.throws(() => {
      pending.apply();
    }, ClosedError);
  });
});

suite("a pending commit", () => {
  test("is void once another one has won", async () => {
    const lab = await CallLab.of(3);
    const own = await lab.at(0).prepareUpdate();
    await lab.remove(lab.at(1), [lab.idAt(2)]);
    assert.throws(
      () => {
        own.apply();
      },
      { code: "commit-void" },
    );
    await lab.assertAgreement();
  });

  test("can be applied once, and not after it was discarded", async () => {
    const lab = await CallLab.of(2);
    const discarded = await lab.at(0).prepareUpdate();
    discarded.discard();
    const applied = await lab.at(0).prepareUpdate();
    await lab.accept(lab.at(0), applied);
    for (const pending of [discarded, applied]) {
      assert.throws(
        () => {
          pending.apply();
        },
        { code: "commit-void" },
      );
    }
    await lab.assertAgreement();
  });

  test("is applied when it comes back by the delivery service", async () => {
    const lab = await CallLab.of(3);
    const first = await lab.at(0).prepareUpdate();
    await lab.at(0).prepareRemove([lab.idAt(2)]);
    const outcomes = await lab.deliver(first.commit);
    assert.equal(outcomes[0]?.epoch, 3);
    await lab.assertAgreement();
  });

  test("wins over another's that is being processed, when it is applied first", async () => {
    const lab = await CallLab.of(2);
    const own = await lab.at(0).prepareUpdate();
    const other = await lab.at(1).prepareUpdate();
    const processing = lab.at(0).process(other.commit);
    await taskUnderWay();
    own.apply();
    await assert.rejects(processing, { code: "wrong-epoch" });
    await lab.deliver(own.commit, lab.at(0));
    await lab.assertAgreement();
  });

  test("may be applied while others' messages are being opened", async () => {
    const lab = await CallLab.of(2);
    const [alice, bob] = [lab.at(0), lab.at(1)];
    const early = await bob.sealMessage(bytes("before"));
    const late = await bob.sealMessage(bytes("late"));
    const pending = await alice.prepareUpdate();
    const opening = alice.openMessage(early.message);
    await lab.accept(alice, pending);
    assert.deepEqual((await opening).data, bytes("before"));
    // The old epoch's ratchets went along: nothing opens twice, and what comes late opens.
    await assert.rejects(alice.openMessage(early.message), { code: "refused" });
    assert.deepEqual((await alice.openMessage(late.message)).data, bytes("late"));
    await lab.assertAgreement();
  });
});

suite("late messages", () => {
  test("of an epoch that was over already survive an own commit that is applied", async () => {
    const lab = await CallLab.of(2);
    const [alice, bob] = [lab.at(0), lab.at(1)];
    const [first, second] = [await bob.sealMessage(bytes("1")), await bob.sealMessage(bytes("2"))];
    await lab.update(bob);
    const pending = await alice.prepareUpdate();
    assert.deepEqual((await alice.openMessage(first.message)).data, bytes("1"));
    await lab.accept(alice, pending);
    await assert.rejects(alice.openMessage(first.message), { code: "refused" });
    assert.deepEqual((await alice.openMessage(second.message)).data, bytes("2"));
  });
});

suite("a message", () => {
  test("reaches all members with its sender's id, once", async () => {
    const lab = await CallLab.of(3);
    const { epoch, message } = await lab.at(1).sealMessage(bytes("hello"));
    assert.equal(epoch, 2);
    for (const receiver of [lab.at(0), lab.at(2)]) {
      const opened = await receiver.openMessage(message);
      assert.deepEqual(opened, { from: lab.idAt(1), data: bytes("hello") });
      await assert.rejects(receiver.openMessage(message), { code: "refused" });
    }
  });

  test("of an earlier epoch opens for a while, if its sender is still a member", async () => {
    const lab = await CallLab.of(3);
    const fromBob = await lab.at(1).sealMessage(bytes("bob"));
    const another = await lab.at(1).sealMessage(bytes("bob again"));
    const fromCarol = await lab.at(2).sealMessage(bytes("carol"));
    await lab.remove(lab.at(0), [lab.idAt(2)]);
    assert.deepEqual((await lab.at(0).openMessage(fromBob.message)).data, bytes("bob"));
    await assert.rejects(lab.at(0).openMessage(fromCarol.message), { code: "refused" });
    for (let round = 0; round < 4; round += 1) await lab.update(lab.at(0));
    await assert.rejects(lab.at(0).openMessage(another.message), {
      code: "wrong-epoch",
      messageEpoch: 2,
    });
  });

  test("of a later epoch is told apart from a forged one", async () => {
    const lab = await CallLab.of(2);
    const pending = await lab.at(1).prepareUpdate();
    pending.apply();
    const { message } = await lab.at(1).sealMessage(bytes("ahead"));
    await assert.rejects(lab.at(0).openMessage(message), { code: "wrong-epoch", messageEpoch: 2 });
    await lab.at(0).process(pending.commit);
    assert.deepEqual((await lab.at(0).openMessage(message)).data, bytes("ahead"));
  });

  test("does not tell how long its content is", async () => {
    const lab = await CallLab.of(1);
    const length = async (size: number) =>
      (await lab.at(0).sealMessage(new Uint8Array(size))).message.length;
    assert.equal(await length(0), await length(150));
    assert.equal(await length(1_000), await length(1_900));
    assert((await length(GROUP_LIMITS.dataBytes)) <= GROUP_LIMITS.messageBytes);
    await assert.rejects(lab.at(0).sealMessage(new Uint8Array(GROUP_LIMITS.dataBytes + 1)), {
      code: "refused",
    });
  });
});

suite("a member that missed commits", () => {
  test("takes its own leaf's place again, with the same id and signature key", async () => {
    const lab = await CallLab.of(3);
    const [stale, participantId] = [lab.at(1), lab.idAt(1)];
    lab.groups.delete(participantId);
    await lab.update(lab.at(0));
    await lab.update(lab.at(1));
    const entry = await stale.rejoin(await lab.at(0).groupInfo());
    const [outcome] = await lab.deliver(entry.commit);
    assert.deepEqual(outcome, {
      epoch: 5,
      joined: [],
      left: [],
      committer: participantId,
      action: "none",
    });
    lab.groups.set(participantId, entry.group);
    stale.close();
    await lab.assertAgreement();
    await lab.update(entry.group);
    await lab.assertAgreement();
  });

  test("enters as a newcomer when it was removed meanwhile", async () => {
    const lab = await CallLab.of(3);
    const participantId = lab.idAt(1);
    const [stale] = await lab.remove(lab.at(0), [participantId]);
    assert(stale);
    const entry = await stale.rejoin(await lab.at(0).groupInfo());
    const [outcome] = await lab.deliver(entry.commit);
    assert.deepEqual(outcome?.joined, [participantId]);
    lab.groups.set(participantId, entry.group);
    await lab.assertAgreement();
  });

  test("is told when a newer self took its place", async () => {
    const lab = await CallLab.of(2);
    const old = lab.at(1);
    const entry = await old.rejoin(await lab.at(0).groupInfo());
    await lab.at(0).process(entry.commit);
    await assert.rejects(old.process(entry.commit), { code: "removed" });
    assert(old.closed);
    assert(!entry.group.closed);
    assert.deepEqual(
      (await entry.group.frameKeys()).baseKey,
      (await lab.at(0).frameKeys()).baseKey,
    );
  });
});
