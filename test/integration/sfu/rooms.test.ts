import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { SfuEvents } from "../../../src/sfu/index.ts";
import type { Sfu } from "../../../src/sfu/index.ts";
import { clientRequests, rtpCapabilities } from "../../../src/protocol/index.ts";
import type { SfuControl } from "../../../src/signaling/ports.ts";
import {
  cameraParameters,
  dtlsParameters,
  joinSfu,
  microphoneParameters,
  randomId,
  startSfu,
  until,
} from "../../support/sfu-lab.ts";

describe("an SFU over two workers", () => {
  let sfu: Sfu;
  let roomId: string;
  const told: [keyof SfuEvents, object][] = [];

  before(async () => {
    sfu = await startSfu();
    for (const name of [
      "transport:closed",
      "producer:closed",
      "consumer:closed",
      "consumer:layers",
    ] as const) {
      sfu.on(name, (event) => told.push([name, event]));
    }
  });
  beforeEach(() => {
    roomId = randomId();
    told.length = 0;
  });
  after(() => sfu.close());

  it("is what signaling asks for", () => {
    const control: SfuControl = sfu;
    assert.equal(typeof control.createTransport, "function");
  });

  it("describes transports as the protocol says", async () => {
    const participantId = randomId();
    const transport = await sfu.createTransport({ roomId, participantId, direction: "send" });
    clientRequests["transport:create"].output.parse({ transport, iceServers: [] });
    assert.deepEqual(
      transport.iceCandidates.map(({ protocol, address }) => [protocol, address]),
      [
        ["udp", "127.0.0.1"],
        ["tcp", "127.0.0.1"],
      ],
    );
    await sfu.closeRoom({ roomId });
  });

  it("gives one participant's transports the same worker, and the next another", async () => {
    const [first, second] = [await joinSfu(sfu, roomId), await joinSfu(sfu, roomId)];
    assert.deepEqual(
      sfu.stats().workers.map(({ transports, participants }) => [transports, participants]),
      [
        [2, 1],
        [2, 1],
      ],
    );
    await first.leave();
    await second.leave();
    assert.equal(sfu.stats().rooms, 0);
  });

  it("consumes on the same worker and through a pipe, under the same producer id", async () => {
    const [first, second, third] = [
      await joinSfu(sfu, roomId),
      await joinSfu(sfu, roomId),
      await joinSfu(sfu, roomId),
    ];
    const producerId = await first.produce("camera");
    const capabilities = await sfu.routerRtpCapabilities();
    for (const { receive } of [second, third]) {
      const consumer = await sfu.createConsumer({
        transportId: receive.transportId,
        producerId,
        rtpCapabilities: capabilities,
      });
      clientRequests["consumer:create"].output.parse(consumer);
      assert.equal(consumer.producerId, producerId);
      assert.equal(consumer.kind, "video");
      assert.equal(consumer.producerPaused, false);
      assert.equal(consumer.rtpParameters.encodings.length, 1);
      assert.equal(consumer.rtpParameters.encodings[0]?.scalabilityMode, "L3T3");
    }
    assert.equal(sfu.stats().pipes, 1);
    await sfu.closeRoom({ roomId });
  });

  it("pipes a producer once for all who consume it on a worker, and unpipes it after the last", async () => {
    const first = await joinSfu(sfu, roomId);
    const others = [
      await joinSfu(sfu, roomId),
      await joinSfu(sfu, roomId),
      await joinSfu(sfu, roomId),
    ];
    const far = others.filter((_, index) => index !== 1);
    const producerId = await first.produce("camera");
    const consumerIds = await Promise.all(
      far.map((participant) => participant.consume(producerId)),
    );
    assert.equal(sfu.stats().pipes, 1);
    await sfu.closeConsumer({ consumerId: consumerIds[0] ?? "" });
    assert.equal(sfu.stats().pipes, 1);
    await sfu.closeConsumer({ consumerId: consumerIds[1] ?? "" });
    assert.equal(sfu.stats().pipes, 0);
    // And again, with the same id at the far end.
    await far[0]?.consume(producerId);
    assert.equal(sfu.stats().pipes, 1);
    await sfu.closeRoom({ roomId });
  });

  it("keeps pausing in step through a pipe, also while the pipe is made", async () => {
    const [first, second] = [await joinSfu(sfu, roomId), await joinSfu(sfu, roomId)];
    const producerId = await first.produce("microphone");
    const [consumer] = await Promise.all([
      second.consume(producerId),
      sfu.setProducerPaused({ producerId, paused: true }),
    ]);
    await sfu.closeConsumer({ consumerId: consumer });
    const described = await sfu.createConsumer({
      transportId: second.receive.transportId,
      producerId,
      rtpCapabilities: await sfu.routerRtpCapabilities(),
    });
    assert.equal(described.producerPaused, true);
    await sfu.setProducerPaused({ producerId, paused: false });
    await sfu.closeRoom({ roomId });
  });

  it("tells consumers everywhere of a producer that closes, and nothing of what it was asked to close", async () => {
    const [first, second, third] = [
      await joinSfu(sfu, roomId),
      await joinSfu(sfu, roomId),
      await joinSfu(sfu, roomId),
    ];
    const producerId = await first.produce("microphone");
    const consumerIds = [await second.consume(producerId), await third.consume(producerId)];
    const another = await second.consume(await first.produce("camera"));
    await sfu.closeConsumer({ consumerId: another });
    assert.deepEqual(told, []);
    await sfu.closeProducer({ producerId });
    assert.deepEqual(
      told,
      consumerIds.map((consumerId) => [
        "consumer:closed",
        { consumerId, reason: "producer-closed" },
      ]),
    );
    assert.equal(sfu.stats().pipes, 0);
    await sfu.closeRoom({ roomId });
    assert.equal(told.length, 2);
  });

  it("tells the others when a sender's transport is closed", async () => {
    const [first, second] = [await joinSfu(sfu, roomId), await joinSfu(sfu, roomId)];
    const consumerId = await second.consume(await first.produce("camera"));
    await sfu.closeTransport({ transportId: first.send.transportId });
    assert.deepEqual(told, [["consumer:closed", { consumerId, reason: "producer-closed" }]]);
    assert.deepEqual([sfu.stats().producers, sfu.stats().consumers], [0, 0]);
    await sfu.closeRoom({ roomId });
  });

  it("connects a transport once, and restarts its ICE as often as asked", async () => {
    const { send } = await joinSfu(sfu, roomId);
    const { transportId } = send;
    await sfu.connectTransport({ transportId, dtlsParameters: dtlsParameters() });
    await assert.rejects(sfu.connectTransport({ transportId, dtlsParameters: dtlsParameters() }), {
      code: "transport-refused",
    });
    const first = await sfu.restartIce({ transportId });
    const second = await sfu.restartIce({ transportId });
    assert.notEqual(first.usernameFragment, send.iceParameters.usernameFragment);
    assert.notEqual(second.usernameFragment, first.usernameFragment);
    await sfu.closeRoom({ roomId });
  });

  it("answers each unknown id with its code, and closes unknown things without a word", async () => {
    const id = "no-such-id";
    const rtpParameters = microphoneParameters();
    const none = { codecs: [], headerExtensions: [] };
    const cases: [string, Promise<unknown>][] = [
      [
        "transport-not-found",
        sfu.connectTransport({ transportId: id, dtlsParameters: dtlsParameters() }),
      ],
      ["transport-not-found", sfu.restartIce({ transportId: id })],
      [
        "transport-not-found",
        sfu.createProducer({ transportId: id, source: "microphone", rtpParameters, paused: false }),
      ],
      [
        "transport-not-found",
        sfu.createConsumer({ transportId: id, producerId: id, rtpCapabilities: none }),
      ],
      ["producer-not-found", sfu.setProducerPaused({ producerId: id, paused: true })],
      ["consumer-not-found", sfu.setConsumerPaused({ consumerId: id, paused: true })],
      [
        "consumer-not-found",
        sfu.setPreferredLayers({ consumerId: id, spatialLayer: 0, temporalLayer: 0 }),
      ],
      ["consumer-not-found", sfu.requestKeyFrame({ consumerId: id })],
    ];
    for (const [code, refused] of cases) await assert.rejects(refused, { code });
    await sfu.closeTransport({ transportId: id });
    await sfu.closeProducer({ producerId: id });
    await sfu.closeConsumer({ consumerId: id });
    await sfu.closeRoom({ roomId: id });
  });

  it("lets nothing pass between rooms", async () => {
    const here = await joinSfu(sfu, roomId);
    const there = await joinSfu(sfu, randomId());
    const producerId = await there.produce("microphone");
    await assert.rejects(here.consume(producerId), { code: "producer-not-found" });
    await here.leave();
    await there.leave();
  });

  it("sends on send transports and receives on receive transports only", async () => {
    const participant = await joinSfu(sfu, roomId);
    const { send, receive } = participant;
    const producerId = await participant.produce("microphone");
    await assert.rejects(
      sfu.createProducer({
        transportId: receive.transportId,
        source: "camera",
        rtpParameters: cameraParameters(),
        paused: false,
      }),
      { code: "bad-request" },
    );
    await assert.rejects(
      sfu.createConsumer({
        transportId: send.transportId,
        producerId,
        rtpCapabilities: await sfu.routerRtpCapabilities(),
      }),
      { code: "bad-request" },
    );
    await sfu.closeRoom({ roomId });
  });

  it("refuses who can't decode the stream, without making a pipe", async () => {
    const [first, second] = [await joinSfu(sfu, roomId), await joinSfu(sfu, roomId)];
    const producerId = await first.produce("camera");
    const { codecs, headerExtensions } = await sfu.routerRtpCapabilities();
    for (const unfit of [
      { codecs: [], headerExtensions: [] },
      { codecs: codecs.filter(({ kind }) => kind === "audio"), headerExtensions },
      { codecs: codecs.map((codec) => ({ ...codec, mimeType: "nonsense" })), headerExtensions },
      {
        codecs: codecs.map((codec) => ({ ...codec, parameters: { apt: null } })),
        headerExtensions,
      },
    ]) {
      rtpCapabilities.parse(unfit);
      await assert.rejects(
        sfu.createConsumer({
          transportId: second.receive.transportId,
          producerId,
          rtpCapabilities: unfit,
        }),
        { code: "unsupported-media" },
      );
    }
    assert.equal(sfu.stats().pipes, 0);
    await sfu.closeRoom({ roomId });
  });

  it("pauses, chooses layers and asks for key frames of either kind of consumer", async () => {
    const [first, second] = [await joinSfu(sfu, roomId), await joinSfu(sfu, roomId)];
    for (const source of ["microphone", "camera"] as const) {
      const consumerId = await second.consume(await first.produce(source));
      await sfu.setConsumerPaused({ consumerId, paused: false });
      await sfu.setPreferredLayers({ consumerId, spatialLayer: 7, temporalLayer: 7 });
      await sfu.requestKeyFrame({ consumerId });
      await sfu.setConsumerPaused({ consumerId, paused: true });
    }
    await sfu.closeRoom({ roomId });
  });

  it("survives a room that is closed while all is under way", async () => {
    const first = await joinSfu(sfu, roomId);
    const producerId = await first.produce("camera");
    const second = await joinSfu(sfu, roomId);
    const underWay = [
      ...Array.from({ length: 10 }, () => second.consume(producerId)),
      ...Array.from({ length: 5 }, () => first.produce("microphone")),
      ...Array.from({ length: 3 }, () =>
        sfu.createTransport({ roomId, participantId: randomId(), direction: "send" }),
      ),
      sfu.setProducerPaused({ producerId, paused: true }),
    ];
    await sfu.closeRoom({ roomId });
    const outcomes = await Promise.allSettled(underWay);
    for (const outcome of outcomes) {
      assert.equal(outcome.status, "rejected");
      assert.match(outcome.reason.code, /^(transport|producer)-not-found$|^sfu-unavailable$/);
    }
    await until("all is gone", () => sfu.stats().rooms + sfu.stats().transports === 0);
    assert.deepEqual(
      sfu.stats().workers.map((worker) => worker.transports + worker.consumers + worker.pipes),
      [0, 0],
    );
  });
});

describe("an SFU's limits", () => {
  let sfu: Sfu;
  before(async () => {
    sfu = await startSfu({
      workerCount: 1,
      limits: {
        rooms: 2,
        transportsPerParticipant: 2,
        transportsPerWorker: 5,
        producersPerRoom: 3,
        producersPerTransport: 2,
        consumersPerTransport: 2,
        consumersPerWorker: 3,
      },
    });
  });
  after(() => sfu.close());

  it("refuses what exceeds each, and allows it again when there is room", async () => {
    const roomId = randomId();
    const first = await joinSfu(sfu, roomId);
    await assert.rejects(
      sfu.createTransport({ roomId, participantId: first.participantId, direction: "send" }),
      { code: "transport-exists" },
    );
    const second = await joinSfu(sfu, roomId);

    const producers = [await first.produce("microphone"), await first.produce("camera")];
    await assert.rejects(first.produce("camera"), { code: "producer-limit" });
    await second.produce("microphone");
    await assert.rejects(second.produce("microphone"), { code: "producer-limit" });

    const [microphone = "", camera = ""] = producers;
    const consumers = [await second.consume(microphone), await second.consume(camera)];
    await assert.rejects(second.consume(camera), { code: "consumer-limit" });
    await first.consume(microphone);
    await assert.rejects(first.consume(microphone), { code: "consumer-limit" });
    // All streams of the worker are taken: nobody is placed there either.
    const elsewhere = { roomId: randomId(), participantId: randomId(), direction: "send" } as const;
    await assert.rejects(sfu.createTransport(elsewhere), { code: "server-full" });
    assert.equal(sfu.stats().rooms, 1);

    await sfu.closeConsumer({ consumerId: consumers[0] ?? "" });
    await sfu.createTransport(elsewhere);
    await assert.rejects(sfu.createTransport({ ...elsewhere, participantId: randomId() }), {
      code: "server-full",
    });
    await assert.rejects(sfu.createTransport({ ...elsewhere, roomId: randomId() }), {
      code: "server-full",
    });
    await second.consume(microphone);
    await sfu.closeRoom({ roomId });
    await sfu.closeRoom({ roomId: elsewhere.roomId });
  });

  it("holds for requests that come at the same moment", async () => {
    const participant = await joinSfu(sfu, randomId());
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () => participant.produce("microphone")),
    );
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 2);
    await participant.leave();
  });
});

describe("an SFU that closes", () => {
  it("ends its workers, refuses everything afterwards and tells nothing", async () => {
    const sfu = await startSfu();
    const roomId = randomId();
    const first = await joinSfu(sfu, roomId);
    const second = await joinSfu(sfu, roomId);
    await second.consume(await first.produce("camera"));
    const pids = sfu.stats().workers.map(({ pid }) => pid);
    sfu.on("transport:closed", () => assert.fail("told of its own closing"));
    const underWay = first.produce("microphone");
    const closed = sfu.close();
    assert.equal(sfu.close(), closed);
    await assert.rejects(underWay, { code: "server-closing" });
    await closed;
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    await assert.rejects(joinSfu(sfu, roomId), { code: "server-closing" });
    await assert.rejects(first.produce("camera"), { code: "server-closing" });
  });

  it("says why it can't start, and leaves no process behind", async () => {
    await assert.rejects(startSfu({ workerBin: "/no/such/worker" }), /did not start/);
    await assert.rejects(startSfu({ listen: [{ ip: "203.0.113.7" }] }), /did not start/);
  });

  it("leaves signals to its owner", async () => {
    const listeners = process.listenerCount("SIGTERM");
    const sfu = await startSfu({ workerCount: 1 });
    assert.equal(process.listenerCount("SIGTERM"), listeners);
    await sfu.close();
  });
});
