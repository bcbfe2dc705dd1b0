import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CallGroup, Newcomer } from "../../../../src/e2ee/group/index.ts";
import { epochCode } from "../../../../src/e2ee/verification/index.ts";
import { CallLab, randomId } from "./call-lab.ts";

const DATA = Uint8Array.of(1, 2, 3);

async function frameKey(group: CallGroup): Promise<string> {
  return Buffer.from((await group.frameKeys()).baseKey).toString("hex");
}

suite("a hostile delivery service", () => {
  test("that shows two halves different commits parts them for everybody to see", async () => {
    const lab = await CallLab.of(4);
    const [ada, bob, cyd, dan] = [lab.at(0), lab.at(1), lab.at(2), lab.at(3)];
    const [one, other] = [await ada.prepareUpdate(), await cyd.prepareUpdate()];
    one.apply();
    await bob.process(one.commit);
    other.apply();
    await dan.process(other.commit);
    assert.equal(ada.epoch, cyd.epoch);
    // The codes that people read to each other differ, and so do the tags that sessions compare.
    const codes = [ada, bob, cyd, dan].map((each) => epochCode(each.epochAuthenticator).digits);
    assert.equal(codes[0], codes[1]);
    assert.equal(codes[2], codes[3]);
    assert.notEqual(codes[0], codes[2]);
    assert.notEqual(ada.epochTag, cyd.epochTag);
    // Neither half hears the other, nor can the service lead them together again.
    assert.notEqual(await frameKey(ada), await frameKey(cyd));
    const { message } = await ada.sealMessage(DATA);
    await assert.rejects(cyd.openMessage(message), { code: "refused" });
    const next = await bob.prepareUpdate();
    await assert.rejects(dan.process(next.commit), { code: "refused" });
    const joining = await ada.groupInfo();
    const entry = await CallGroup.join(
      { invitation: lab.invitation, participantId: randomId() },
      joining,
    );
    await assert.rejects(cyd.process(entry.commit), { code: "refused" });
  });

  test("that withholds a commit keeps somebody behind, who then opens nothing new", async () => {
    const lab = await CallLab.of(3);
    const behind = lab.at(2);
    const held = await lab.at(0).prepareUpdate();
    held.apply();
    await lab.at(1).process(held.commit);
    const { message } = await lab.at(1).sealMessage(DATA);
    // That is how it is noticed: everything of the others is of an epoch that is not known here.
    await assert.rejects(behind.openMessage(message), { code: "wrong-epoch" });
    assert.notEqual(await frameKey(behind), await frameKey(lab.at(0)));
    await behind.process(held.commit);
    assert.deepEqual((await behind.openMessage(message)).data, DATA);
  });

  test("that gives a commit of another epoch, twice or altered, moves nobody", async () => {
    const lab = await CallLab.of(3);
    const commits: Uint8Array[] = [];
    for (const index of [0, 1]) {
      const pending = await lab.at(index).prepareUpdate();
      commits.push(pending.commit);
      await lab.accept(lab.at(index), pending);
    }
    const code = epochCode(lab.at(2).epochAuthenticator);
    for (const commit of commits) {
      await assert.rejects(lab.at(2).process(commit), { code: "wrong-epoch" });
    }
    assert.deepEqual(epochCode(lab.at(2).epochAuthenticator), code);
  });

  test("that swaps a newcomer's KeyPackage lets in nobody whom the link does not", async () => {
    const lab = await CallLab.of(2);
    const waiting = await Newcomer.create(
      { invitation: lab.invitation, participantId: randomId() },
      Date.now(),
    );
    const elsewhere = await CallLab.of(1);
    const { roomId } = lab.invitation;
    const invitation = { ...elsewhere.invitation, roomId };
    const spy = await Newcomer.create({ invitation, participantId: randomId() }, Date.now());
    const pending = await lab.at(0).prepareChange({ add: [spy.keyPackage] }, Date.now());
    assert.deepEqual(pending.joined, []);
    assert.equal(pending.welcome, undefined);
    pending.discard();
    // And a Welcome for somebody else opens for nobody.
    await lab.admit(lab.at(0), 1);
    const other = await Newcomer.create(
      { invitation: lab.invitation, participantId: randomId() },
      Date.now(),
    );
    const honest = await lab.at(0).prepareChange({ add: [other.keyPackage] }, Date.now());
    assert(honest.welcome);
    await assert.rejects(waiting.enter(honest.welcome), { message: /is for others/ });
  });

  test("that plays a Welcome again brings nobody back, and nobody in twice", async () => {
    const lab = await CallLab.of(2);
    const participantId = randomId();
    const options = { invitation: lab.invitation, participantId };
    const newcomer = await Newcomer.create(options, Date.now());
    const add = [newcomer.keyPackage];
    const pending = await lab.at(0).prepareChange({ add }, Date.now());
    const { welcome } = pending;
    assert(welcome);
    const group = await newcomer.enter(welcome);
    lab.groups.set(participantId, group);
    await lab.deliver(pending.commit, group);
    await assert.rejects(newcomer.enter(welcome), RangeError);
    // Their next KeyPackage is another one: the old Welcome is not for it.
    const again = await Newcomer.create(options, Date.now());
    await assert.rejects(again.enter(welcome), { message: /is for others/ });
    // While they are in, nobody lets them in a second time by what they sent before.
    const repeated = await lab.at(0).prepareChange({ add }, Date.now());
    assert.deepEqual(repeated.joined, []);
  });

  test("that hands out the GroupInfo of an epoch that is over gets nobody in", async () => {
    const lab = await CallLab.of(2);
    const stale = await lab.at(0).groupInfo();
    await lab.update(lab.at(1));
    const options = { invitation: lab.invitation, participantId: randomId() };
    const entry = await CallGroup.join(options, stale);
    for (const group of lab.groups.values()) {
      await assert.rejects(group.process(entry.commit), { code: "wrong-epoch" });
    }
    assert.notEqual(await frameKey(entry.group), await frameKey(lab.at(0)));
  });
});
