import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { randomId } from "../../support/protocol-client.ts";
import { openTransports, refusedWith, SignalingHarness } from "../../support/signaling-harness.ts";
import { OPUS } from "../../support/signaling-sfu.ts";

/** Of an epoch; what it says is the members' business. */
const tag = randomId();

describe("rooms", () => {
  test("the answer to a join is the whole state, and the others are told", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    assert.deepEqual(anna.answer.participants, []);
    assert.equal(anna.answer.group, null);
    assert.equal(anna.answer.resumed, false);
    assert.deepEqual(anna.answer.producers, []);

    const ben = await harness.join(roomId);
    assert.deepEqual(ben.answer.participants, [
      { participantId: anna.participantId, connected: true, producers: [] },
    ]);
    const { participant } = await anna.client.waitFor("participant:joined");
    assert.equal(participant.participantId, ben.participantId);
    assert.deepEqual(ben.client.told, []);
  });

  test("the server tells what it can carry before a room is joined", async (t) => {
    const harness = await SignalingHarness.start(t);
    const client = await harness.connect();
    const { routerRtpCapabilities } = await client.request("server:capabilities", {});
    assert.equal(routerRtpCapabilities.codecs[0]?.mimeType, "audio/opus");
  });

  test("who joins while others send misses none of their streams", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const { sendId: transportId } = await openTransports(anna.client);
    const sources = ["microphone", "camera", "screen", "screen-audio"] as const;
    const creating = sources.map((source) =>
      anna.client.request("producer:create", {
        transportId,
        source,
        rtpParameters: OPUS,
        paused: false,
      }),
    );
    const newcomers = await Promise.all(Array.from({ length: 10 }, () => harness.join(roomId)));
    const expected = new Set((await Promise.all(creating)).map(({ producerId }) => producerId));
    for (const { client, answer } of newcomers) {
      const known = () =>
        new Set([
          ...answer.participants.flatMap(({ producers }) =>
            producers.map((each) => each.producerId),
          ),
          ...client.toldOf("producer:opened").map(({ producer }) => producer.producerId),
        ]);
      await client.waitUntil(() => known().size === expected.size, "all producers");
      assert.deepEqual(known(), expected);
    }
  });

  test("who leaves is told of to the others only, and may join again", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    await ben.client.request("room:leave", {});
    const left = await anna.client.waitFor("participant:left");
    assert.deepEqual(left, { participantId: ben.participantId, reason: "left" });
    await assert.rejects(ben.client.request("room:leave", {}), refusedWith("not-joined"));
    await ben.client.request("room:join", { roomId, participantId: ben.participantId });
    assert.deepEqual(ben.client.told, []);
  });

  test("a connection is in one room at a time", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { client, participantId } = await harness.join(randomId());
    await assert.rejects(
      client.request("room:join", { roomId: randomId(), participantId }),
      refusedWith("already-joined"),
    );
  });

  test("two joins sent at once are one entry and one refusal", async (t) => {
    const harness = await SignalingHarness.start(t);
    const client = await harness.connect();
    const outcomes = await Promise.allSettled([
      client.request("room:join", { roomId: randomId(), participantId: randomId() }),
      client.request("room:join", { roomId: randomId(), participantId: randomId() }),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
    assert.equal(harness.server.roomCount, 1);
    assert.equal(harness.server.participantCount, 1);
  });

  test("rooms and participants are limited", async (t) => {
    const harness = await SignalingHarness.start(t, {
      options: { rooms: 2, participantsPerRoom: 2, participants: 3 },
    });
    const roomId = randomId();
    await harness.join(roomId);
    await harness.join(roomId);
    await assert.rejects(harness.join(roomId), refusedWith("room-full"));
    await harness.join(randomId());
    await assert.rejects(harness.join(randomId()), refusedWith("server-full"));
    await assert.rejects(harness.join(roomId), refusedWith("server-full"));
  });

  test("nothing is left after 200 participants have come and gone", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { requestBurst: 10_000 } });
    const client = await harness.connect();
    for (let round = 0; round < 200; round += 1) {
      await client.request("room:join", { roomId: randomId(), participantId: randomId() });
      const { sendId } = await openTransports(client);
      await client.request("producer:create", {
        transportId: sendId,
        source: "microphone",
        rtpParameters: OPUS,
        paused: false,
      });
      await client.request("group:create", { tag });
      await client.request("group:commit", { epoch: 0, tag, commit: new Uint8Array(1_000) });
      await client.request("room:leave", {});
    }
    assert.equal(harness.server.roomCount, 0);
    assert.equal(harness.server.participantCount, 0);
    assert.equal(harness.server.resourceCount, 0);
    assert.equal(harness.sfu.transports.size, 0);
    assert.equal(harness.sfu.producers.size, 0);
    assert.equal(harness.sfu.closedRooms.length, 200);
  });
});
