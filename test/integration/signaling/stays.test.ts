import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { randomId } from "../../support/protocol-client.ts";
import { openTransports, refusedWith, SignalingHarness } from "../../support/signaling-harness.ts";
import { OPUS } from "../../support/signaling-sfu.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("a lost connection", () => {
  test("is taken up again with everything that was there", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    const { sendId } = await openTransports(ben.client);
    const { producerId } = await ben.client.request("producer:create", {
      transportId: sendId,
      source: "camera",
      rtpParameters: OPUS,
      paused: true,
    });
    ben.client.drop();
    const { participantId } = ben;
    await anna.client.waitFor("participant:connection", ({ connected }) => !connected);

    const { resumeToken } = ben.answer;
    const again = await harness.join(roomId, { participantId, resumeToken });
    assert.equal(again.answer.resumed, true);
    assert.equal(again.answer.resumeToken, resumeToken);
    assert.deepEqual(again.answer.producers, [{ producerId, source: "camera", paused: true }]);
    await anna.client.waitFor("participant:connection", ({ connected }) => connected);
    await again.client.request("producer:resume", { producerId });
    await anna.client.waitFor("producer:resumed");
    assert.equal(harness.sfu.transports.size, 2);
  });

  test("is shown in the snapshot of who comes meanwhile", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    ben.client.drop();
    await anna.client.waitFor("participant:connection");
    const cleo = await harness.join(roomId);
    const seen = cleo.answer.participants.find((each) => each.participantId === ben.participantId);
    assert.equal(seen?.connected, false);
  });

  test("counts on against the limit of its address, and lets its own participant back", async (t) => {
    const clock = new ManualClock();
    const harness = await SignalingHarness.start(t, {
      clock,
      options: { connectionsPerAddress: 3, resumeGraceMs: 15_000 },
    });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    const cleo = await harness.join(roomId);
    for (const { client, participantId } of [ben, cleo]) {
      client.drop();
      const isGone = (event: { participantId: string }) => event.participantId === participantId;
      await anna.client.waitFor("participant:connection", isGone);
    }
    const stranger = await harness.connect();
    const elsewhere = { roomId: randomId(), participantId: randomId() };
    await assert.rejects(stranger.request("room:join", elsewhere), refusedWith("rate-limited"));
    const { participantId, answer } = ben;
    await harness.join(roomId, { participantId, resumeToken: answer.resumeToken });
    clock.advance(15_000);
    await anna.client.waitFor("participant:left");
    await stranger.request("room:join", elsewhere);
  });

  test("is given up after the grace time, and the room goes with its last participant", async (t) => {
    const clock = new ManualClock();
    const harness = await SignalingHarness.start(t, {
      clock,
      options: { resumeGraceMs: 15_000 },
    });
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    await openTransports(ben.client);
    ben.client.drop();
    await anna.client.waitFor("participant:connection");
    clock.advance(14_999);
    assert.equal(harness.server.participantCount, 2);
    clock.advance(1);
    const left = await anna.client.waitFor("participant:left");
    assert.deepEqual(left, { participantId: ben.participantId, reason: "lost" });
    assert.equal(harness.sfu.transports.size, 0);

    // The token of a stay that is over begins a new one.
    const { participantId, answer } = ben;
    const again = await harness.join(roomId, { participantId, resumeToken: answer.resumeToken });
    assert.equal(again.answer.resumed, false);
    assert.notEqual(again.answer.resumeToken, answer.resumeToken);
  });

  test("needs the token of the same stay", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const { participantId } = await harness.join(roomId);
    await assert.rejects(
      harness.join(roomId, { participantId }),
      refusedWith("participant-exists"),
    );
    for (const resumeToken of [anna.answer.resumeToken, "forged"]) {
      await assert.rejects(
        harness.join(roomId, { participantId, resumeToken }),
        refusedWith("resume-refused"),
      );
    }
    assert.equal(harness.server.participantCount, 2);
  });

  test("may still seem to be alive when its owner is back", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const { participantId, answer, client } = await harness.join(roomId);
    const again = await harness.join(roomId, { participantId, resumeToken: answer.resumeToken });
    assert.equal(again.answer.resumed, true);
    await client.waitForDisconnect();
    await anna.client.request("group:send", { to: participantId, message: Uint8Array.of(1) });
    await again.client.waitFor("group:received");
    assert.deepEqual(anna.client.toldOf("participant:connection"), []);
    assert.equal(harness.server.participantCount, 2);
  });
});

describe("a participant who goes while the SFU works", () => {
  test("leaves no transport behind, neither in the room nor after its end", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const { client } = await harness.join(roomId);
    for (const others of [1, 0]) {
      const other = others === 1 ? await harness.join(roomId) : undefined;
      const release = harness.sfu.hold();
      const creating = client.request("transport:create", { direction: "send" });
      const leaving = client.request("room:leave", {});
      await leaving;
      release();
      await assert.rejects(creating, refusedWith("not-joined"));
      await client.request("room:join", { roomId, participantId: randomId() });
      await other?.client.request("room:leave", {});
      await client.request("transport:create", { direction: "send" });
      assert.equal(harness.sfu.transports.size, 1);
      await client.request("room:leave", {});
      await client.request("room:join", { roomId, participantId: randomId() });
    }
  });

  test("leaves no producer and no consumer behind", async (t) => {
    const harness = await SignalingHarness.start(t);
    const roomId = randomId();
    const anna = await harness.join(roomId);
    const ben = await harness.join(roomId);
    const own = await openTransports(anna.client);
    const { producerId } = await anna.client.request("producer:create", {
      transportId: own.sendId,
      source: "microphone",
      rtpParameters: OPUS,
      paused: false,
    });
    const { sendId, receiveId } = await openTransports(ben.client);
    const release = harness.sfu.hold();
    const rtpCapabilities = { codecs: [], headerExtensions: [] };
    const asked = [
      ben.client.request("producer:create", {
        transportId: sendId,
        source: "camera",
        rtpParameters: OPUS,
        paused: false,
      }),
      ben.client.request("consumer:create", {
        transportId: receiveId,
        producerId,
        rtpCapabilities,
      }),
    ];
    const outcomes = Promise.allSettled(asked);
    await ben.client.request("room:leave", {});
    release();
    for (const { status } of await outcomes) assert.equal(status, "rejected");
    assert.deepEqual([...harness.sfu.producers.keys()], [producerId]);
    assert.equal(harness.sfu.consumers.size, 0);
    assert.deepEqual(anna.client.toldOf("producer:opened"), []);
  });
});
