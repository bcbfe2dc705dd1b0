import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { encodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import {
  applyCommit,
  exportSecret,
  generateLeafKeys,
  makeCommit,
} from "../../../../src/e2ee/group/mls/operations.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { decodeCommit } from "../../../../src/e2ee/group/mls/wire.ts";
import { enterGroup, foundGroup } from "../../../../src/e2ee/group/transitions.ts";
import { randomId } from "./call-lab.ts";

/** States of the members of a group, below the checks of a `CallGroup`. */
async function statesOf(size: number): Promise<MlsState[]> {
  const admission = createInvitation();
  const ownLeaf = async () => ({
    participantId: randomId(),
    keys: await generateLeafKeys(),
    admission,
  });
  let states = [(await foundGroup(await ownLeaf())).state];
  while (states.length < size) {
    const [first] = states;
    assert(first);
    const { commit, next } = await enterGroup(await ownLeaf(), await encodeGroupInfo(first));
    states = [...(await follow(states, commit)), next];
  }
  return states;
}

function follow(states: readonly MlsState[], commit: Uint8Array): Promise<MlsState[]> {
  return Promise.all(states.map((state) => applyCommit(state, decodeCommit(commit))));
}

suite("a member that was removed", () => {
  test("learns neither the next epoch's secrets nor those after it", async () => {
    const [committer, removed, ...others] = await statesOf(4);
    assert(committer && removed);
    const { commit, next } = await makeCommit(committer, [removed.privatePath.leafIndex]);
    const { content } = decodeCommit(commit).message;
    assert(content.contentType === "commit" && content.commit.path);
    const ciphertexts = content.commit.path.nodes.flatMap((node) => node.encryptedPathSecret);
    assert.equal(ciphertexts.length, 1, "only for the node above the two others that stay");

    // A client that does not heed its removal: it keeps its state and goes on with what it has.
    const told = await applyCommit(removed, decodeCommit(commit));
    assert.equal(told.groupActiveState.kind, "removedFromGroup");
    const stubborn = { ...removed, groupContext: next.groupContext, ratchetTree: next.ratchetTree };
    const expected = await exportSecret(next, "test", 32);
    assert.notDeepEqual(await exportSecret(told, "test", 32), expected);
    const update = await makeCommit(next, []);
    await assert.rejects(applyCommit(stubborn, decodeCommit(update.commit)));
    for (const state of await follow(others, commit)) {
      assert.deepEqual(await exportSecret(state, "test", 32), expected);
      const after = await applyCommit(state, decodeCommit(update.commit));
      assert.deepEqual(
        await exportSecret(after, "test", 32),
        await exportSecret(update.next, "test", 32),
      );
    }
  });
});
