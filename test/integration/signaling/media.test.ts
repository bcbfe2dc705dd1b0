import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MediaSource } from "../../../src/protocol/index.ts";
import type { ProtocolClient } from "../../support/protocol-client.ts";
import { randomId } from "../../support/protocol-client.ts";
import { openTransports, refusedWith, SignalingHarness } from "../../support/signaling-harness.ts";
import { OPUS } from "../../support/signaling-sfu.ts";

const rtpCapabilities = { codecs: [], headerExtensions: [] };
const dtlsParameters = { fingerprints: [{ algorithm: "sha-256" as const, value: "00" }] };

/** A room of two, with transports; the first one may send. */
async function openRoom(harness: SignalingHarness) {
  const roomId = randomId();
  const sender = await harness.join(roomId);
  const receiver = await harness.join(roomId);
  return {
    roomId,
    sender: { ...sender, ...(await openTransports(sender.client)) },
    receiver: { ...receiver, ...(await openTransports(receiver.client)) },
  };
}

async function produce(client: ProtocolClient, transportId: string, source: MediaSource) {
  const input = { transportId, source, rtpParameters: OPUS, paused: false };
  return (await client.request("producer:create", input)).producerId;
}

describe("transports", () => {
  test("come with ICE servers made for the participant, at an ICE restart again", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { client, participantId } = await harness.join(randomId());
    const created = await client.request("transport:create", { direction: "send" });
    assert.equal(created.iceServers[0]?.username, participantId);
    const { transportId } = created.transport;
    await client.request("transport:connect", { transportId, dtlsParameters });
    const restarted = await client.request("transport:restart-ice", { transportId });
    assert.equal(restarted.iceServers[0]?.username, participantId);
    assert.equal(restarted.iceParameters.usernameFragment, "again");
  });

  test("are one for each direction, once they are in use", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { client } = await harness.join(randomId());
    const lost = await client.request("transport:create", { direction: "send" });
    const found = await client.request("transport:create", { direction: "send" });
    assert.deepEqual([...harness.sfu.transports.keys()], [found.transport.transportId]);
    const { transportId } = found.transport;
    await assert.rejects(
      client.request("transport:connect", {
        transportId: lost.transport.transportId,
        dtlsParameters,
      }),
      refusedWith("transport-not-found"),
    );
    await client.request("transport:connect", { transportId, dtlsParameters });
    await assert.rejects(
      client.request("transport:create", { direction: "send" }),
      refusedWith("transport-exists"),
    );
    await client.request("transport:close", { transportId });
    await client.request("transport:create", { direction: "send" });
  });

  test("that are asked for twice at once are made once", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { client } = await harness.join(randomId());
    const asked = await Promise.allSettled([
      client.request("transport:create", { direction: "receive" }),
      client.request("transport:create", { direction: "receive" }),
    ]);
    assert.deepEqual(
      asked.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
    assert.equal(harness.sfu.transports.size, 1);
  });

  test("go with their worker, and what they carried goes with them", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { sender, receiver } = await openRoom(harness);
    const producerId = await produce(sender.client, sender.sendId, "microphone");
    const { consumerId } = await receiver.client.request("consumer:create", {
      transportId: receiver.receiveId,
      producerId,
      rtpCapabilities,
    });
    harness.sfu.tell("transport:closed", { transportId: sender.sendId, reason: "worker-died" });
    const closed = await sender.client.waitFor("transport:closed");
    assert.equal(closed.transportId, sender.sendId);
    const { participantId } = sender;
    assert.deepEqual(await receiver.client.waitFor("producer:closed"), {
      participantId,
      producerId,
    });
    assert.deepEqual(await receiver.client.waitFor("consumer:closed"), {
      consumerId,
      reason: "worker-died",
    });
    await assert.rejects(
      sender.client.request("producer:pause", { producerId }),
      refusedWith("producer-not-found"),
    );
    await sender.client.request("transport:create", { direction: "send" });
  });
});

describe("producers", () => {
  test("are announced, paused, resumed and closed to the others", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { sender, receiver } = await openRoom(harness);
    const { participantId } = sender;
    const producerId = await produce(sender.client, sender.sendId, "camera");
    const opened = await receiver.client.waitFor("producer:opened");
    assert.deepEqual(opened, {
      participantId,
      producer: { producerId, source: "camera", paused: false },
    });
    await sender.client.request("producer:pause", { producerId });
    await sender.client.request("producer:pause", { producerId });
    await sender.client.request("producer:resume", { producerId });
    await sender.client.request("producer:close", { producerId });
    await receiver.client.waitFor("producer:closed");
    assert.deepEqual(
      receiver.client.told.filter((name) => name.startsWith("producer:")),
      ["producer:opened", "producer:paused", "producer:resumed", "producer:closed"],
    );
    assert.deepEqual(
      sender.client.told.filter((name) => name.startsWith("producer:")),
      [],
    );
  });

  test("are one for each source, and only on one's own transport to send on", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { sender, receiver } = await openRoom(harness);
    await produce(sender.client, sender.sendId, "camera");
    await assert.rejects(
      produce(sender.client, sender.sendId, "camera"),
      refusedWith("producer-limit"),
    );
    await assert.rejects(
      produce(receiver.client, sender.sendId, "camera"),
      refusedWith("transport-not-found"),
    );
    await assert.rejects(
      produce(receiver.client, receiver.receiveId, "camera"),
      refusedWith("bad-request"),
    );
  });

  test("belong to their owner", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { sender, receiver } = await openRoom(harness);
    const producerId = await produce(sender.client, sender.sendId, "microphone");
    for (const name of ["producer:pause", "producer:resume", "producer:close"] as const) {
      await assert.rejects(
        receiver.client.request(name, { producerId }),
        refusedWith("producer-not-found"),
      );
    }
    assert.ok(harness.sfu.producers.has(producerId));
  });
});

describe("consumers", () => {
  test("are of others' producers in the same room", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { sender, receiver } = await openRoom(harness);
    const stranger = (await openRoom(harness)).receiver;
    const producerId = await produce(sender.client, sender.sendId, "microphone");
    const consume = (client: ProtocolClient, transportId: string) =>
      client.request("consumer:create", { transportId, producerId, rtpCapabilities });
    await assert.rejects(
      consume(sender.client, sender.receiveId),
      refusedWith("producer-not-found"),
    );
    await assert.rejects(
      consume(stranger.client, stranger.receiveId),
      refusedWith("producer-not-found"),
    );
    const consumer = await consume(receiver.client, receiver.receiveId);
    assert.equal(consumer.kind, "audio");
    await assert.rejects(
      stranger.client.request("consumer:resume", { consumerId: consumer.consumerId }),
      refusedWith("consumer-not-found"),
    );
  });

  test("are resumed, limited, asked for key frames, closed", async (t) => {
    const harness = await SignalingHarness.start(t, { options: { consumersPerParticipant: 1 } });
    const { sender, receiver } = await openRoom(harness);
    const { client, receiveId: transportId } = receiver;
    const producerId = await produce(sender.client, sender.sendId, "camera");
    const other = await produce(sender.client, sender.sendId, "screen");
    const input = { transportId, producerId, rtpCapabilities };
    const { consumerId } = await client.request("consumer:create", input);
    assert.equal(harness.sfu.consumers.get(consumerId)?.paused, true);
    await client.request("consumer:resume", { consumerId });
    assert.equal(harness.sfu.consumers.get(consumerId)?.paused, false);
    await client.request("consumer:pause", { consumerId });
    await client.request("consumer:set-layers", { consumerId, spatialLayer: 1, temporalLayer: 0 });
    await client.request("consumer:request-key-frame", { consumerId });
    await assert.rejects(
      client.request("consumer:create", { ...input, producerId: other }),
      refusedWith("consumer-limit"),
    );
    await client.request("consumer:close", { consumerId });
    assert.equal(harness.sfu.consumers.size, 0);
    await client.request("consumer:create", { ...input, producerId: other });
  });

  test("of the same producer take each other's place", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { sender, receiver } = await openRoom(harness);
    const producerId = await produce(sender.client, sender.sendId, "camera");
    const input = { transportId: receiver.receiveId, producerId, rtpCapabilities };
    await receiver.client.request("consumer:create", input);
    const { consumerId } = await receiver.client.request("consumer:create", input);
    assert.deepEqual([...harness.sfu.consumers.keys()], [consumerId]);
  });

  test("are told of their layers, and of the end of their producer", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { sender, receiver } = await openRoom(harness);
    const producerId = await produce(sender.client, sender.sendId, "camera");
    const input = { transportId: receiver.receiveId, producerId, rtpCapabilities };
    const { consumerId } = await receiver.client.request("consumer:create", input);
    const layers = { spatialLayer: 1, temporalLayer: 2 };
    harness.sfu.tell("consumer:layers", { consumerId, layers });
    assert.deepEqual(await receiver.client.waitFor("consumer:layers"), { consumerId, layers });
    await sender.client.request("room:leave", {});
    const closed = await receiver.client.waitFor("consumer:closed");
    assert.deepEqual(closed, { consumerId, reason: "producer-closed" });
    await receiver.client.waitFor("participant:left");
    assert.deepEqual(receiver.client.toldOf("producer:closed"), []);
  });

  test("tell their producer's owner what is wanted at most", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { roomId, sender, receiver } = await openRoom(harness);
    const other = await harness.join(roomId);
    const { receiveId } = await openTransports(other.client);
    const producerId = await produce(sender.client, sender.sendId, "camera");
    const consume = async (client: ProtocolClient, transportId: string) => {
      const input = { transportId, producerId, rtpCapabilities };
      return (await client.request("consumer:create", input)).consumerId;
    };
    const large = await consume(receiver.client, receiver.receiveId);
    const small = await consume(other.client, receiveId);
    const take = async (client: ProtocolClient, consumerId: string, spatialLayer: number) => {
      await client.request("consumer:set-layers", { consumerId, spatialLayer, temporalLayer: 2 });
      await client.request("consumer:resume", { consumerId });
    };
    await take(other.client, small, 0);
    await take(receiver.client, large, 2);
    // Less than somebody else takes changes nothing.
    await take(other.client, small, 1);
    await receiver.client.request("consumer:pause", { consumerId: large });
    await other.client.request("room:leave", {});
    await receiver.client.request("consumer:resume", { consumerId: large });
    const wanted = [0, 2, 1, null, 2].map((spatialLayer) => ({ producerId, spatialLayer }));
    await sender.client.waitUntil(
      () => sender.client.toldOf("producer:layers").length >= wanted.length,
      "all that is wanted",
    );
    assert.deepEqual(sender.client.toldOf("producer:layers"), wanted);
    assert.deepEqual(receiver.client.toldOf("producer:layers"), []);
  });

  test("are not made of a producer that closed while they were made", async (t) => {
    const harness = await SignalingHarness.start(t);
    const { sender, receiver } = await openRoom(harness);
    const producerId = await produce(sender.client, sender.sendId, "camera");
    const release = harness.sfu.hold();
    const input = { transportId: receiver.receiveId, producerId, rtpCapabilities };
    const creating = receiver.client.request("consumer:create", input);
    await sender.client.request("producer:close", { producerId });
    release();
    await assert.rejects(creating, refusedWith("producer-not-found"));
    assert.equal(harness.sfu.consumers.size, 0);
  });
});
