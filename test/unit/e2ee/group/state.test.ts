import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { openData, sealData } from "../../../../src/e2ee/group/mls/application-data.ts";
import { allSecrets } from "../../../../src/e2ee/group/mls/secret-tree.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { discard, retire, wipeState } from "../../../../src/e2ee/group/mls/state.ts";
import { decodeMessage } from "../../../../src/e2ee/group/mls/wire.ts";
import { commitOf, followOne, statesOf } from "./state-lab.ts";

async function groupOfTwo(): Promise<[MlsState, MlsState]> {
  const [alice, bob] = await statesOf(2);
  assert(alice && bob);
  return [alice, bob];
}

const isZero = (secret: Uint8Array) => secret.every((byte) => byte === 0);

suite("the secrets of an epoch", () => {
  test("are overwritten when the next one has begun, but for late messages", async () => {
    const [alice, bob] = await groupOfTwo();
    const late = await sealData(bob, Uint8Array.of(7));
    const oldLeafKey = alice.privatePath.privateKeys[0];
    const { commit, next } = await commitOf(alice);
    retire(alice, next);
    const { senderDataSecret, ...others } = alice.keySchedule;
    for (const secret of Object.values(others)) assert(isZero(secret));
    assert(!isZero(senderDataSecret));
    assert(oldLeafKey && isZero(oldLeafKey));

    const opened = await openData(next, decodeMessage(late.message));
    assert.deepEqual(opened.data, Uint8Array.of(7));
    const followed = await followOne(bob, commit);
    const answer = await commitOf(followed);
    const after = await followOne(opened.next, answer.commit);
    assert.deepEqual(after.keySchedule, answer.next.keySchedule);
  });

  test("of long ago are overwritten for good", async () => {
    let [state] = await groupOfTwo();
    const first = state;
    for (let epoch = 0; epoch < 6; epoch += 1) {
      const { next } = await commitOf(state);
      retire(state, next);
      state = next;
    }
    assert.equal(state.past.size, 4);
    assert(isZero(first.keySchedule.senderDataSecret));
    for (const secret of allSecrets(first)) assert(isZero(secret));
  });

  test("are overwritten when a prepared commit is discarded, without harm to the group", async () => {
    const [alice, bob] = await groupOfTwo();
    const { next } = await commitOf(alice);
    discard(next, alice);
    for (const secret of Object.values(next.keySchedule)) assert(isZero(secret));
    const newLeafKey = next.privatePath.privateKeys[0];
    assert(newLeafKey && isZero(newLeafKey));
    const { commit, next: expected } = await commitOf(bob);
    const followed = await followOne(alice, commit);
    assert.deepEqual(followed.keySchedule, expected.keySchedule);
  });

  test("are all overwritten when the group is over", async () => {
    const [alice] = await groupOfTwo();
    const { next } = await commitOf(alice);
    wipeState(next);
    const past = [...next.past.values()];
    assert.equal(past.length, 2);
    const secrets = [
      next.signaturePrivateKey,
      ...Object.values(next.keySchedule),
      ...Object.values(next.privatePath.privateKeys),
      ...past.map(({ senderDataSecret }) => senderDataSecret),
      ...[next, ...past].flatMap(allSecrets),
    ];
    for (const secret of secrets) assert(isZero(secret));
  });
});
