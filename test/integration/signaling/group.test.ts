import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { randomId } from "../../support/protocol-client.ts";
import { refusedWith, SignalingHarness } from "../../support/signaling-harness.ts";

/** Of an epoch; what it says is the members' business. */
const tag = randomId();

const commit = (seed: number, bytes = 100) => new Uint8Array(bytes).fill(seed);

describe("the MLS delivery service", () => {
  test("lets the first one create the group and tells the others", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    await assert.rejects(ben.client.request("group:info", {}), refusedWith("group-missing"));
    await assert.rejects(
      ben.client.request("group:commit", { epoch: 0, tag, commit: commit(1) }),
      refusedWith("group-missing"),
    );
    assert.deepEqual(await anna.client.request("group:create", { tag }), { epoch: 0 });
    await assert.rejects(ben.client.request("group:create", { tag }), refusedWith("group-exists"));
    const created = await ben.client.waitFor("group:created");
    assert.equal(created.participantId, anna.participantId);
    const cleo = await harness.join(roomId);
    assert.deepEqual(cleo.answer.group, { epoch: 0, tag });
  });

  test("orders the commits of 20 clients that race, and loses none", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const clients = [];
    for (let index = 0; index < 20; index += 1) clients.push((await harness.join(roomId)).client);
    await clients[0]?.request("group:create", { tag });

    const stale: number[] = [];
    await Promise.all(
      clients.map(async (client, index) => {
        for (let epoch = 0; ; epoch += 1) {
          try {
            await client.request("group:commit", { epoch, tag, commit: commit(index) });
            return;
          } catch (error) {
            assert.ok(refusedWith("stale-epoch")(error));
            stale.push(epoch);
          }
        }
      }),
    );
    assert.ok(stale.length > 0, "nobody raced");
    const expected = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const client of clients) {
      // Each is told of all commits but its own.
      await client.waitUntil(() => client.toldOf("group:committed").length === 19, "19 commits");
      const epochs = client.toldOf("group:committed").map(({ epoch }) => epoch);
      assert.deepEqual(
        epochs,
        [...epochs].sort((a, b) => a - b),
      );
      const kept: number[] = [];
      while (kept.length < 20) {
        const answer = await client.request("group:commits", { fromEpoch: kept.length });
        assert.equal(answer.epoch, 20);
        kept.push(...answer.commits.map(({ epoch }) => epoch));
      }
      assert.deepEqual(kept, expected);
    }
  });

  test("keeps a bounded number of commits for those who missed them", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { keptCommitsPerRoom: 3 } });
    const { client, participantId } = await harness.join(randomId());
    await client.request("group:create", { tag });
    for (let epoch = 0; epoch < 5; epoch += 1) {
      await client.request("group:commit", { epoch, tag, commit: commit(epoch) });
    }
    await assert.rejects(
      client.request("group:commits", { fromEpoch: 1 }),
      refusedWith("commits-gone"),
    );
    const { commits } = await client.request("group:commits", { fromEpoch: 2 });
    assert.deepEqual(
      commits.map((each) => [each.epoch, each.participantId, each.commit[0]]),
      [
        [3, participantId, 2],
        [4, participantId, 3],
        [5, participantId, 4],
      ],
    );
    assert.deepEqual((await client.request("group:commits", { fromEpoch: 5 })).commits, []);
    await assert.rejects(
      client.request("group:commits", { fromEpoch: 6 }),
      refusedWith("commits-gone"),
    );
  });

  test("hands messages to all or to one, with their bytes unchanged", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const [anna, ben, cleo] = [
      await harness.join(roomId),
      await harness.join(roomId),
      await harness.join(roomId),
    ];
    const message = crypto.getRandomValues(new Uint8Array(65_536));
    await anna.client.request("group:send", { to: null, message });
    for (const { client } of [ben, cleo]) {
      const received = await client.waitFor("group:received");
      assert.equal(received.participantId, anna.participantId);
      assert.deepEqual(new Uint8Array(received.message), message);
    }
    await anna.client.request("group:send", { to: cleo.participantId, message: commit(7) });
    await cleo.client.waitFor(
      "group:received",
      (each) => each.message[0] === 7 && each.message.length === 100,
    );
    assert.equal(ben.client.toldOf("group:received").length, 1);
    assert.equal(anna.client.toldOf("group:received").length, 0);
    await assert.rejects(
      anna.client.request("group:send", { to: randomId(), message }),
      refusedWith("participant-not-found"),
    );
  });
});

describe("a GroupInfo", () => {
  test("is asked of a member once for all who ask at the same time", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { joinBurst: 100 } });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    await anna.client.request("group:create", { tag });
    let asked = 0;
    anna.client.serve("group:provide-info", () => {
      asked += 1;
      return { epoch: 0, groupInfo: commit(9) };
    });
    const newcomers = await Promise.all(Array.from({ length: 8 }, () => harness.join(roomId)));
    const infos = await Promise.all(
      newcomers.map(({ client }) => client.request("group:info", {})),
    );
    assert.deepEqual(new Set(infos.map(({ epoch }) => epoch)), new Set([0]));
    const late = await harness.join(roomId);
    await late.client.request("group:info", {});
    assert.equal(asked, 1);
  });

  test("comes from another member when the first one does not answer", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { groupInfoTimeoutMs: 50 } });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    await anna.client.request("group:create", { tag });
    await ben.client.request("group:commit", { epoch: 0, tag, commit: commit(1) });
    anna.client.serve("group:provide-info", () => ({ epoch: 1, groupInfo: commit(5) }));
    const cleo = await harness.join(roomId);
    const info = await cleo.client.request("group:info", {});
    assert.deepEqual([info.epoch, info.groupInfo[0]], [1, 5]);
  });

  test("is unavailable when no member answers, and then the group may be created anew", async (t) => {
    const harness = await SignalingHarness.start(t, {
      options: { groupInfoTimeoutMs: 20, groupInfoStrikes: 2 },
    });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    await anna.client.request("group:create", { tag });
    const ben = await harness.join(roomId);
    for (let round = 0; round < 2; round += 1) {
      await assert.rejects(ben.client.request("group:info", {}), refusedWith("group-unavailable"));
    }
    await assert.rejects(ben.client.request("group:info", {}), refusedWith("group-missing"));
    await ben.client.request("group:create", { tag });
    const created = await anna.client.waitFor("group:created");
    assert.equal(created.participantId, ben.participantId);
  });

  test("of an epoch that a commit ended meanwhile is asked for again", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    await anna.client.request("group:create", { tag });
    let epoch = 0;
    anna.client.serve("group:provide-info", async () => {
      const answer = { epoch, groupInfo: commit(epoch + 1) };
      if (epoch === 0) {
        await anna.client.request("group:commit", { epoch, tag, commit: commit(0) });
        epoch = 1;
      }
      return answer;
    });
    const info = await ben.client.request("group:info", {});
    assert.deepEqual([info.epoch, info.groupInfo[0]], [1, 2]);
  });
});

describe("a commit that does not hold", () => {
  test("is taken back when most of the members refuse it, and its sender is cut off", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const members = [];
    for (let epoch = -1; epoch < 3; epoch += 1) {
      const { client } = await harness.join(roomId);
      if (epoch < 0) await client.request("group:create", { tag });
      else await client.request("group:commit", { epoch, tag, commit: commit(epoch) });
      members.push(client);
    }
    const [anna, ben, cleo, mallory] = members;
    assert.ok(anna && ben && cleo && mallory);
    await mallory.request("group:refuse", { epoch: 3 });
    await anna.request("group:refuse", { epoch: 3 });
    await anna.request("group:refuse", { epoch: 3 });
    await assert.rejects(
      anna.request("group:commit", { epoch: 2, tag, commit: commit(9) }),
      refusedWith("stale-epoch"),
    );
    await cleo.request("group:refuse", { epoch: 3 });
    await mallory.waitForDisconnect();
    for (const client of [anna, ben, cleo]) {
      assert.deepEqual(await client.waitFor("group:rolled-back"), { epoch: 2, tag });
    }
    await ben.request("group:commit", { epoch: 2, tag, commit: commit(8) });
    const { commits } = await anna.request("group:commits", { fromEpoch: 2 });
    assert.deepEqual(
      commits.map((each) => each.commit[0]),
      [8],
    );
  });
});

describe("the group of a room", () => {
  test("ends with its last member, so that those who wait can create it anew", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    await anna.client.request("group:create", { tag });
    const ben = await harness.join(roomId);
    await anna.client.request("room:leave", {});
    await assert.rejects(ben.client.request("group:info", {}), refusedWith("group-missing"));
    await ben.client.request("group:create", { tag });
  });

  test("lives on while a member whose connection was lost may return", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    await anna.client.request("group:create", { tag });
    const ben = await harness.join(roomId);
    anna.client.drop();
    await ben.client.waitFor("participant:connection");
    await assert.rejects(ben.client.request("group:create", { tag }), refusedWith("group-exists"));
    await assert.rejects(ben.client.request("group:info", {}), refusedWith("group-unavailable"));
  });

  test("is learned by a restarted server from those who come back", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const behind = await harness.join(roomId, { group: { epoch: 6, tag } });
    assert.deepEqual(behind.answer.group, { epoch: 6, tag });
    const ahead = await harness.join(roomId, { group: { epoch: 7, tag } });
    assert.deepEqual(ahead.answer.group, { epoch: 7, tag });
    await assert.rejects(
      behind.client.request("group:commits", { fromEpoch: 6 }),
      refusedWith("commits-gone"),
    );
    await ahead.client.request("group:commit", { epoch: 7, tag, commit: commit(1) });
    // From here on the server knows better than any client.
    const wrong = await harness.join(roomId, { group: { epoch: 900, tag } });
    assert.deepEqual(wrong.answer.group, { epoch: 8, tag });
  });
});
