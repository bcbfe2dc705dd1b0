import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createCommit } from "ts-mls/createCommit.js";
import type { KeySchedule } from "ts-mls/keySchedule.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { SUITE, forLibrary, librarySuite } from "./library-suite.ts";
import { commitOf, removalBy, statesOf } from "./state-lab.ts";

const REMOVE_SECOND = { proposalType: "remove", remove: { removed: 1 } } as const;

async function groupOfTwo(): Promise<{ staying: MlsState; leaving: MlsState }> {
  const [staying, leaving] = await statesOf(2);
  assert(staying && leaving);
  return { staying, leaving };
}

/** What the removed member can work out: its own init secret, and a commit secret of zeros. */
async function guessNextEpoch(
  leaving: MlsState,
  next: Pick<MlsState, "groupContext">,
): Promise<KeySchedule> {
  const { kdf } = SUITE;
  const zeros = new Uint8Array(kdf.size);
  const { initSecret } = leaving.keySchedule;
  return (await initializeEpoch(initSecret, zeros, next.groupContext, zeros, kdf)).keySchedule;
}

suite("a member that stays alone", () => {
  test("would share its secrets with the one it removed, by the library alone", async () => {
    // Why commits are made by our own code: RFC 9420 section 7.4 derives the commit secret.
    const { staying, leaving } = await groupOfTwo();
    const { newState } = await createCommit(
      { state: forLibrary(staying), cipherSuite: await librarySuite(), pskIndex: emptyPskIndex },
      { wireAsPublicMessage: true, extraProposals: [REMOVE_SECOND] },
    );
    assert.deepEqual(await guessNextEpoch(leaving, newState), newState.keySchedule);
  });

  test("has secrets that the removed one cannot work out", async () => {
    const { staying, leaving } = await groupOfTwo();
    const { next } = await removalBy(staying, 1);
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
    const { next: alone } = await removalBy(staying, 1);
    const { next: updated } = await commitOf(alone);
    const guessed = await guessNextEpoch(alone, updated);
    assert.notDeepEqual(guessed.exporterSecret, updated.keySchedule.exporterSecret);
  });
});
