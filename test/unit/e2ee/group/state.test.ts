import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { encodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import {
  applyCommit,
  generateLeafKeys,
  makeCommit,
  openData,
  sealData,
} from "../../../../src/e2ee/group/mls/operations.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { discard, retire, wipeState } from "../../../../src/e2ee/group/mls/state.ts";
import { decodeCommit, decodeMessage } from "../../../../src/e2ee/group/mls/wire.ts";
import { enterGroup, foundGroup } from "../../../../src/e2ee/group/transitions.ts";
import { randomId } from "./call-lab.ts";

async function groupOfTwo(): Promise<[MlsState, MlsState]> {
  const admission = createInvitation();
  const ownLeaf = async () => ({
    participantId: randomId(),
    keys: await generateLeafKeys(),
    admission,
  });
  const founded = await foundGroup(await ownLeaf());
  const entry = await enterGroup(await ownLeaf(), await encodeGroupInfo(founded.state));
  return [await applyCommit(founded.state, decodeCommit(entry.commit)), entry.next];
}

const isZero = (secret: Uint8Array) => secret.every((byte) => byte === 0);

suite("the secrets of an epoch", () => {
  test("are overwritten when the next one has begun, but for late messages", async () => {
    const [alice, bob] = await groupOfTwo();
    const late = await sealData(bob, Uint8Array.of(7));
    const oldLeafKey = alice.privatePath.privateKeys[0];
    const { commit, next } = await makeCommit(alice, []);
    retire(alice, next);
    const { senderDataSecret, resumptionPsk, ...others } = alice.keySchedule;
    for (const secret of Object.values(others)) assert(isZero(secret));
    assert(!isZero(senderDataSecret) && !isZero(resumptionPsk));
    assert(oldLeafKey && isZero(oldLeafKey));

    const opened = await openData(next, decodeMessage(late.message));
    assert.deepEqual(opened.data, Uint8Array.of(7));
    const followed = await applyCommit(bob, decodeCommit(commit));
    const answer = await makeCommit(followed, []);
    const after = await applyCommit(opened.next, decodeCommit(answer.commit));
    assert.deepEqual(after.keySchedule, answer.next.keySchedule);
  });

  test("of long ago are overwritten for good", async () => {
    let [state] = await groupOfTwo();
    const first = state;
    for (let epoch = 0; epoch < 6; epoch += 1) {
      const { next } = await makeCommit(state, []);
      retire(state, next);
      state = next;
    }
    assert.equal(state.historicalReceiverData.size, 4);
    assert(isZero(first.keySchedule.senderDataSecret));
    for (const { application } of first.secretTree) assert(isZero(application.secret));
  });

  test("are overwritten when a prepared commit is discarded, without harm to the group", async () => {
    const [alice, bob] = await groupOfTwo();
    const { next } = await makeCommit(alice, []);
    discard(next, alice);
    for (const secret of Object.values(next.keySchedule)) assert(isZero(secret));
    const newLeafKey = next.privatePath.privateKeys[0];
    assert(newLeafKey && isZero(newLeafKey));
    const { commit, next: expected } = await makeCommit(bob, []);
    const followed = await applyCommit(alice, decodeCommit(commit));
    assert.deepEqual(followed.keySchedule, expected.keySchedule);
  });

  test("are all overwritten when the group is over", async () => {
    const [alice] = await groupOfTwo();
    const { next } = await makeCommit(alice, []);
    wipeState(next);
    const past = [...next.historicalReceiverData.values()];
    assert.equal(past.length, 2);
    const secrets = [
      next.signaturePrivateKey,
      ...Object.values(next.keySchedule),
      ...Object.values(next.privatePath.privateKeys),
      ...past.map(({ senderDataSecret }) => senderDataSecret),
      ...[next, ...past].flatMap(({ secretTree }) =>
        secretTree.flatMap(({ application, handshake }) => [application.secret, handshake.secret]),
      ),
    ];
    for (const secret of secrets) assert(isZero(secret));
  });
});
