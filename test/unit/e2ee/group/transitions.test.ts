import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import { decodeCommit, encodePublicMessage } from "../../../../src/e2ee/group/mls/wire.ts";
import { followCommit } from "../../../../src/e2ee/group/transitions.ts";
import { CallLab } from "./call-lab.ts";
import { enterAsInsider } from "./hostile.ts";
import { SUITE } from "./library-suite.ts";

async function insiderOf(lab: CallLab) {
  const { commit, standing, own } = await enterAsInsider(
    lab.invitation,
    await lab.at(0).groupInfo(),
  );
  await lab.deliver(commit);
  return { standing, own };
}

suite("following a commit", () => {
  test("fails when the tree afterwards is not what the commit says", async () => {
    const lab = await CallLab.of(2);
    const { standing } = await insiderOf(lab);
    const received = decodeCommit(SUITE, (await lab.at(0).prepareUpdate()).commit);
    const members = standing.members.filter((member) => member.participantId !== lab.idAt(1));
    await assert.rejects(followCommit({ ...standing, members }, received), {
      code: "refused",
      message: /in a way that it does not say/,
    });
    const { next } = await followCommit(standing, received);
    assert.deepEqual(next.members, standing.members);
  });

  test("believes in its own removal only when a member signed it", async () => {
    const lab = await CallLab.of(1);
    const { standing } = await insiderOf(lab);
    const pending = await lab.at(0).prepareRemove([standing.members[1]?.participantId ?? ""]);
    const received = decodeCommit(SUITE, pending.commit);
    const { message } = received;
    const signature = message.auth.signature.with(5, (message.auth.signature[5] ?? 0) ^ 1);
    const forged = { ...message, auth: { ...message.auth, signature } };
    const attempt = followCommit(standing, decodeCommit(SUITE, encodePublicMessage(forged)));
    await assert.rejects(attempt, { code: "refused" });
    await assert.rejects(followCommit(standing, received), { code: "removed" });
  });

  test("does not reach the library with a leaf that is outside of the tree", async () => {
    // There the library would never come back: it climbs from a leaf that has no way to the root.
    const lab = await CallLab.of(1);
    const { standing, own } = await insiderOf(lab);
    const second = lab.at(0);
    const entry = await second.rejoin(await encodeGroupInfo(standing.state));
    const { message } = decodeCommit(SUITE, entry.commit);
    assert(message.content.contentType === "commit");
    for (const removed of [2, 1_000, 2 ** 31 + 1, 2 ** 32 - 1]) {
      const proposals = message.content.commit.proposals.map((each) =>
        each.proposalOrRefType === "proposal" && each.proposal.proposalType === "remove"
          ? { ...each, proposal: { proposalType: "remove" as const, remove: { removed } } }
          : each,
      );
      const content = { ...message.content, commit: { ...message.content.commit, proposals } };
      const altered = encodePublicMessage({ ...message, content });
      await assert.rejects(second.process(altered), {
        code: "refused",
        message: /removes a leaf that is not there/,
      });
    }
    assert.equal(second.members[1]?.participantId, own.participantId);
  });
});
