import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { exportSecret } from "../../../../src/e2ee/group/mls/application-data.ts";
import { decodeCommit } from "../../../../src/e2ee/group/mls/wire.ts";
import { commitOf, follow, followOne, removalBy, statesOf } from "./state-lab.ts";
import { SUITE } from "./library-suite.ts";

suite("a member that was removed", () => {
  test("learns neither the next epoch's secrets nor those after it", async () => {
    const [committer, removed, ...others] = await statesOf(4);
    assert(committer && removed);
    const { commit, next } = await removalBy(committer, removed.privatePath.leafIndex);
    const { content } = decodeCommit(SUITE, commit).message;
    assert(content.contentType === "commit" && content.commit.path);
    const ciphertexts = content.commit.path.nodes.flatMap((node) => node.encryptedPathSecret);
    assert.equal(ciphertexts.length, 1, "only for the node above the two others that stay");

    // A client that does not heed its removal: it keeps its state and goes on with what it has.
    await assert.rejects(followOne(removed, commit), { message: /removes this member/ });
    const stubborn = { ...removed, groupContext: next.groupContext, ratchetTree: next.ratchetTree };
    const expected = await exportSecret(next, "test", 32);
    const update = await commitOf(next);
    await assert.rejects(followOne(stubborn, update.commit));
    for (const state of await follow(others, commit)) {
      assert.deepEqual(await exportSecret(state, "test", 32), expected);
      const after = await followOne(state, update.commit);
      assert.deepEqual(
        await exportSecret(after, "test", 32),
        await exportSecret(update.next, "test", 32),
      );
    }
  });
});
