import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import { viewLeaves } from "../../../../src/e2ee/group/mls/leaf-view.ts";
import { decodeCommit, encodePublicMessage } from "../../../../src/e2ee/group/mls/wire.ts";
import { readRoster } from "../../../../src/e2ee/group/roster.ts";
import { followCommit } from "../../../../src/e2ee/group/transitions.ts";
import { CallLab } from "./call-lab.ts";
import { enterAsInsider } from "./hostile.ts";

async function insiderOf(lab: CallLab) {
  const { commit, strictState, own } = await enterAsInsider(
    lab.invitation,
    await lab.at(0).groupInfo(),
  );
  await lab.deliver(commit);
  const roster = readRoster(viewLeaves(strictState.ratchetTree), lab.invitation);
  return { state: strictState, roster, own };
}

suite("following a commit", () => {
  test("fails when the tree afterwards is not what the commit says", async () => {
    const lab = await CallLab.of(2);
    const { state, roster } = await insiderOf(lab);
    const received = decodeCommit((await lab.at(0).prepareUpdate()).commit);
    const known = roster.filter((member) => member.participantId !== lab.idAt(1));
    await assert.rejects(followCommit(state, known, received, lab.invitation), {
      code: "refused",
      message: /in a way that it does not say/,
    });
    const transition = await followCommit(state, roster, received, lab.invitation);
    assert(transition !== "removed");
  });

  test("believes in its own removal only when a member signed it", async () => {
    const lab = await CallLab.of(1);
    const { state, roster } = await insiderOf(lab);
    const pending = await lab.at(0).prepareRemove([roster[1]?.participantId ?? ""]);
    const received = decodeCommit(pending.commit);
    const { message } = received;
    const signature = message.auth.signature.with(5, (message.auth.signature[5] ?? 0) ^ 1);
    const forged = { ...message, auth: { ...message.auth, signature } };
    const attempt = followCommit(
      state,
      roster,
      decodeCommit(encodePublicMessage(forged)),
      lab.invitation,
    );
    await assert.rejects(attempt, { code: "refused" });
    assert.equal(await followCommit(state, roster, received, lab.invitation), "removed");
  });

  test("does not reach the library with a leaf that is outside of the tree", async () => {
    // There the library would never come back: it climbs from a leaf that has no way to the root.
    const lab = await CallLab.of(1);
    const { state, own } = await insiderOf(lab);
    const second = lab.at(0);
    const entry = await second.rejoin(await encodeGroupInfo(state));
    const { message } = decodeCommit(entry.commit);
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
