import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { createInvitation } from "../../../src/e2ee/invitation/index.ts";
import { ProtocolError } from "../../../src/protocol/index.ts";
import type { Sfu } from "../../../src/sfu/index.ts";
import { agree, LabMember, LabServer } from "../../support/group-lab.ts";
import { startSfu, until } from "../../support/sfu-lab.ts";

describe("the repair of a group that a member lost sight of", () => {
  let sfu: Sfu;
  let server: LabServer;
  let members: LabMember[] = [];
  let invitation = createInvitation();

  before(async () => {
    sfu = await startSfu({ workerCount: 1 });
    server = await LabServer.start(sfu);
  });
  afterEach(() => {
    for (const member of members) member.close();
    members = [];
    invitation = createInvitation();
  });
  after(async () => {
    await server.close();
    await sfu.close();
  });

  async function joined(): Promise<LabMember> {
    const member = new LabMember(server.port, invitation);
    members.push(member);
    await member.join();
    return member;
  }

  /** As a server does that withholds commits from one member only. */
  async function deafMember(): Promise<LabMember> {
    const deaf = await joined();
    await joined();
    await until("both agree", () => agree(members));
    deaf.connection.notifications.removeAllListeners();
    await joined();
    await until(
      "the others agree",
      () => agree(members.slice(1)) || members[2]?.names.length === 3,
    );
    assert.equal(deaf.names.length, 2);
    return deaf;
  }

  it("asks for the commits that were withheld, and needs no new epoch for it", async () => {
    const deaf = await deafMember();
    await deaf.session.repair(false);
    await until("all agree", () => agree(members));
    assert.equal(deaf.last?.keys.epoch, members[1]?.last?.keys.epoch);
    const { epoch } = deaf.last?.keys ?? {};
    await deaf.session.repair(false);
    assert.equal(deaf.last?.keys.epoch, epoch, "nothing was missed the second time");
  });

  it("enters anew in place of its own leaf, and the others see nobody come or go", async () => {
    const deaf = await deafMember();
    const epochBefore = members[1]?.last?.keys.epoch ?? 0;
    await deaf.session.repair(true);
    await until("all agree", () => agree(members));
    assert.ok((deaf.last?.keys.epoch ?? 0) > epochBefore);
    assert.deepEqual(members[1]?.last?.joined, []);
    assert.deepEqual(members[1]?.last?.left, []);
  });

  it("finds out by itself what became of a commit whose answer never came", async () => {
    const [ada, bob] = [await joined(), await joined()];
    await until("both agree", () => agree(members));
    const { connection, session } = ada;
    const request = connection.request.bind(connection);
    const lost: string[] = [];
    Object.defineProperty(connection, "request", {
      configurable: true,
      async value(...[name, input]: Parameters<typeof request>) {
        const answer = await request(name, input);
        // The service did what it was asked, and tells everybody else of it; then it fails once more.
        if ((name === "group:commit" || name === "group:commits") && lost.length < 2) {
          lost.push(name);
          throw new ProtocolError("timed-out");
        }
        return answer;
      },
    });
    const keyBefore = bob.baseKey;
    session.renew();
    await until("bob has followed", () => bob.baseKey !== keyBefore);
    await until("both agree, without another commit", () => agree(members), 20_000);
    assert.deepEqual(lost, ["group:commit", "group:commits"]);
    assert.equal(ada.last?.outcome?.committer, ada.participantId);
    // A kick that was accepted unheard is not made a second time.
    lost.length = 0;
    const { epoch = 0 } = bob.last?.keys ?? {};
    await session.setLocked(true);
    await until("both know", () => agree(members) && bob.last?.locked === true);
    assert.equal(bob.last?.keys.epoch, epoch + 1);
  });
});
