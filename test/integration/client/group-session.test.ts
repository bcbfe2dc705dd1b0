import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { createInvitation } from "../../../src/e2ee/invitation/index.ts";
import type { Sfu } from "../../../src/sfu/index.ts";
import type { CuttableProxy } from "../../support/cuttable-proxy.ts";
import { startCuttableProxy } from "../../support/cuttable-proxy.ts";
import { agree, LabMember, LabServer } from "../../support/group-lab.ts";
import { startSfu, until } from "../../support/sfu-lab.ts";

describe("the group of a call over the wire", () => {
  let sfu: Sfu;
  let server: LabServer;
  let proxy: CuttableProxy;
  let members: LabMember[] = [];
  let invitation = createInvitation();

  before(async () => {
    sfu = await startSfu({ workerCount: 1 });
    server = await LabServer.start(sfu);
    proxy = await startCuttableProxy(server.port);
  });
  afterEach(() => {
    for (const member of members) {
      assert.deepEqual(member.failures, []);
      member.close();
    }
    members = [];
    invitation = createInvitation();
  });
  after(async () => {
    await proxy.close();
    await server.close();
    await sfu.close();
  });

  function newMember(port = server.port): LabMember {
    const member = new LabMember(port, invitation);
    members.push(member);
    return member;
  }

  async function joinAll(count: number): Promise<void> {
    const joining = Array.from({ length: count }, () => newMember());
    await Promise.all(joining.map((member) => member.join()));
    await until("all agree", () => agree(members), 20_000);
  }

  it("is created by the first and joined by the next", async () => {
    await newMember().join();
    await newMember().join();
    await until("both agree", () => agree(members));
  });

  it("comes together when many join at the same moment", async () => {
    await joinAll(8);
  });

  it("takes few epochs for many who join at the same moment", async () => {
    await joinAll(1);
    await joinAll(20);
    const epoch = members[0]?.last?.keys.epoch ?? Infinity;
    assert.ok(epoch <= 10, `${epoch} epochs for 20 newcomers`);
  });

  it("does all of this with post-quantum signatures too, when the link asks for them", async () => {
    invitation = createInvitation("post-quantum");
    await joinAll(2);
    await joinAll(5);
    const [ada] = members;
    assert.equal(ada?.last?.members[0]?.signatureKey.length, 2_592);
    await ada?.session.send({ type: "profile", name: "Ada" }, null);
    await until("they hear her", () =>
      members.slice(1).every((each) => each.messages.length === 1),
    );
    const leaver = members.pop();
    await leaver?.leave();
    await until("the others agree", () => agree(members), 20_000);
  });

  it("goes on when the member whose turn it is stays silent", async () => {
    await joinAll(2);
    const [deaf] = members;
    assert.ok(deaf);
    // It takes part in all but letting others in.
    deaf.connection.notifications.removeAllListeners();
    const others = Array.from({ length: 5 }, () => newMember());
    await Promise.all(others.map((member) => member.join()));
    members = members.filter((member) => member !== deaf);
    await until("all but the deaf one agree", () =>
      members.every(
        (member) => member.baseKey === members[0]?.baseKey && member.names.length === 7,
      ),
    );
    deaf.close();
  });

  it("lets nobody in while it is locked, and says so", async () => {
    await joinAll(2);
    const [ada, bob] = members;
    assert.ok(ada && bob);
    await ada.session.setLocked(true);
    await until("both know", () => bob.last?.locked === true);
    assert.equal(bob.last?.outcome?.committer, ada.participantId);
    const stranger = new LabMember(server.port, invitation);
    await assert.rejects(stranger.join(), { code: "locked" });
    stranger.close();
    await bob.session.setLocked(false);
    await newMember().join();
    await until("all three agree", () => agree(members));
  });

  it("shuts out who is kicked, for good, and gives the others a new link", async () => {
    await joinAll(4);
    const [ada, bob, cyd, dan] = members;
    assert.ok(ada && bob && cyd && dan);
    // Both at once: one of the two commits comes first, and the other one is made again.
    await Promise.all([ada.session.kick([dan.participantId]), bob.session.setLocked(false)]);
    await until("dan is told", () => dan.failures.length === 1);
    assert.equal((dan.failures[0] as { code?: string }).code, "kicked");
    dan.close();
    members = [ada, bob, cyd];
    await until("the others agree", () => agree(members));
    const again = new LabMember(server.port, invitation);
    await assert.rejects(again.join(), { code: "link-void" });
    again.close();
    assert.deepEqual(ada.session.invitation, cyd.session.invitation);
    invitation = bob.session.invitation;
    await newMember().join();
    await until("all four agree", () => agree(members));
  });

  it("shuts out who leaves, with new keys", async () => {
    await joinAll(3);
    const [leaver] = members;
    assert.ok(leaver);
    const knownKey = leaver.baseKey;
    await leaver.leave();
    members = members.filter((member) => member !== leaver);
    await until("the others agree without the leaver", () => agree(members));
    assert.ok(members.every((member) => member.baseKey !== knownKey));
  });

  it("shuts out several who leave together in one commit", async () => {
    await joinAll(5);
    const leavers = members.slice(0, 3);
    const epoch = leavers[0]?.last?.keys.epoch ?? 0;
    members = members.slice(3);
    await Promise.all(leavers.map((leaver) => leaver.leave()));
    await until("the others agree", () => agree(members));
    assert.equal(members[0]?.last?.keys.epoch, epoch + 1);
  });

  it("follows what a member missed while it was cut off", async () => {
    const away = newMember(proxy.port);
    await away.join();
    await joinAll(1);
    proxy.cut();
    await until("the member is away", () => !away.connection.connected);
    await newMember().join();
    assert.notEqual(away.baseKey, members.at(-1)?.baseKey);
    proxy.mend();
    await until("all three agree", () => agree(members), 10_000);
  });

  it("takes back a commit that the members find worthless, and goes on", async () => {
    await joinAll(3);
    const hostile = newMember();
    await hostile.join();
    await until("all four agree", () => agree(members));
    const position = hostile.session.position;
    assert.ok(position);
    const down = new Promise<void>((resolve) => {
      hostile.connection.events.on("connection:down", () => resolve());
    });
    const garbage = crypto.getRandomValues(new Uint8Array(500));
    await hostile.connection.request("group:commit", { ...position, commit: garbage });
    await down;
    hostile.close();
    members = members.filter((member) => member !== hostile);
    await newMember().join();
    await until(
      "newcomers come in, and the hostile one is still seen until it is out",
      () => agree(members) || members.every((member) => member.names.length === members.length + 1),
      10_000,
    );
    const [first] = members;
    assert.ok(members.every((member) => member.baseKey === first?.baseKey));
  });

  it("tells two groups apart that are at the same epoch", async () => {
    await joinAll(2);
    const [ada] = members;
    const position = ada?.session.position;
    assert.ok(ada && position);
    // As a server says that has lost its memory and was told of another group first.
    await ada.session.enter({ epoch: position.epoch, tag: "AAAAAAAAAAAAAAAAAAAAAA" });
    await until("both agree again", () => agree(members));
    assert.ok((ada.session.position?.epoch ?? 0) > position.epoch);
  });

  it("carries names to all, and to nobody else", async () => {
    await joinAll(3);
    const [ada, bob, cyd] = members;
    assert.ok(ada && bob && cyd);
    await ada.session.send({ type: "profile", name: "Ada" }, null);
    await bob.session.send({ type: "profile", name: "Bob" }, cyd.participantId);
    await until("they arrive", () => bob.messages.length === 1 && cyd.messages.length === 2);
    assert.deepEqual(bob.messages, [{ from: ada.participantId, name: "Ada" }]);
    assert.deepEqual(ada.messages, []);
  });

  it("outlives the server", async () => {
    const first = newMember(proxy.port);
    const second = newMember(proxy.port);
    await first.join();
    await second.join();
    await until("both agree", () => agree(members));
    const epoch = first.last?.keys.epoch;
    const successor = await LabServer.start(sfu);
    proxy.cut();
    proxy.redirect(successor.port);
    proxy.mend();
    await until("both are back", () => first.connection.connected && second.connection.connected);
    members.push(new LabMember(proxy.port, invitation));
    await members.at(-1)?.join();
    await until("all three agree", () => agree(members), 10_000);
    assert.ok((first.last?.keys.epoch ?? 0) > (epoch ?? 0));
    for (const member of members) member.close();
    proxy.redirect(server.port);
    await successor.close();
  });

  it("heals to one group when it was split over two servers", async () => {
    const first = await LabServer.start(sfu, { resumeGraceMs: 300 });
    proxy.redirect(first.port);
    const ada = newMember(first.port);
    const bob = newMember(proxy.port);
    await ada.join();
    await bob.join();
    await until("both agree", () => agree(members));
    // Bob's half goes on at a server that has never heard of the room.
    const successor = await LabServer.start(sfu, { resumeGraceMs: 300 });
    proxy.cut();
    proxy.redirect(successor.port);
    proxy.mend();
    await until("bob is there", () => successor.signaling.participantCount === 1);
    const cyd = newMember(proxy.port);
    await cyd.join();
    ada.session.renew();
    ada.session.renew();
    const position = () => ada.session.position;
    await until("ada's half has gone on too", () => (position()?.epoch ?? 0) >= 3);
    assert.notEqual(bob.baseKey, ada.baseKey);
    proxy.cut();
    proxy.redirect(first.port);
    proxy.mend();
    await until("all three are in one group", () => agree(members), 15_000);
    for (const member of members) member.close();
    proxy.redirect(server.port);
    await successor.close();
    await first.close();
  });

  it("renews leaves by the clock, without a word from anybody", async () => {
    members.push(new LabMember(server.port, invitation, { updateIntervalMs: 100 }));
    await members[0]?.join();
    await newMember().join();
    await until("epochs go by", () => (members[1]?.epochs.length ?? 0) >= 3);
    await until("both agree", () => agree(members));
  });
});
