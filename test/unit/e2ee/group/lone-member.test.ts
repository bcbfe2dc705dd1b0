import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createCommit } from "ts-mls/createCommit.js";
import type { KeySchedule } from "ts-mls/keySchedule.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { cipherSuite } from "../../../../src/e2ee/group/mls/cipher-suite.ts";
import { encodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import {
  applyCommit,
  generateLeafKeys,
  makeCommit,
} from "../../../../src/e2ee/group/mls/operations.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { decodeCommit } from "../../../../src/e2ee/group/mls/wire.ts";
import { enterGroup, foundGroup } from "../../../../src/e2ee/group/transitions.ts";
import { randomId } from "./call-lab.ts";

const REMOVE_SECOND = { proposalType: "remove", remove: { removed: 1 } } as const;

async function groupOfTwo(): Promise<{ staying: MlsState; leaving: MlsState }> {
  const admission = createInvitation();
  const ownLeaf = async () => ({
    participantId: randomId(),
    keys: await generateLeafKeys(),
    admission,
  });
  const founded = await foundGroup(await ownLeaf());
  const entry = await enterGroup(await ownLeaf(), await encodeGroupInfo(founded.state));
  const staying = await applyCommit(founded.state, decodeCommit(entry.commit));
  return { staying, leaving: entry.next };
}

/** What the removed member can work out: its own init secret, and a commit secret of zeros. */
async function guessNextEpoch(leaving: MlsState, next: MlsState): Promise<KeySchedule> {
  const { kdf } = await cipherSuite();
  const zeros = new Uint8Array(kdf.size);
  const { initSecret } = leaving.keySchedule;
  return (await initializeEpoch(initSecret, zeros, next.groupContext, zeros, kdf)).keySchedule;
}

suite("a member that stays alone", () => {
  test("would share its secrets with the one it removed, by the library alone", async () => {
    // When this fails the library was mended, and lone-member.ts has done its duty.
    const { staying, leaving } = await groupOfTwo();
    const { newState } = await createCommit(
      { state: staying, cipherSuite: await cipherSuite(), pskIndex: emptyPskIndex },
      { wireAsPublicMessage: true, extraProposals: [REMOVE_SECOND] },
    );
    assert.deepEqual(await guessNextEpoch(leaving, newState), newState.keySchedule);
  });

  test("has secrets that the removed one cannot work out", async () => {
    const { staying, leaving } = await groupOfTwo();
    const { next } = await makeCommit(staying, [1]);
    const guessed = await guessNextEpoch(leaving, next);
    for (const [name, secret] of Object.entries(guessed)) {
      assert.notDeepEqual(
        Object.entries(next.keySchedule).find(([other]) => other === name)?.[1],
        secret,
      );
    }
  });

  test("renews them with each update", async () => {
    const { staying } = await groupOfTwo();
    const { next: alone } = await makeCommit(staying, [1]);
    const { next: updated } = await makeCommit(alone, []);
    const guessed = await guessNextEpoch(alone, updated);
    assert.notDeepEqual(guessed.exporterSecret, updated.keySchedule.exporterSecret);
  });
});
