import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { types } from "mediasoup";
import { Scope } from "../../../src/lib/scope.ts";
import { Producer } from "../../../src/sfu/producer.ts";
import { Room } from "../../../src/sfu/room.ts";
import { RoomRouter } from "../../../src/sfu/room-router.ts";
import { resolveSfuOptions } from "../../../src/sfu/sfu-options.ts";
import { WorkerPool } from "../../../src/sfu/worker-pool.ts";
import { until } from "../../support/sfu-lab.ts";
import { parseRtp } from "../../support/sfu-rtp.ts";
import { Vp8Source } from "../../support/sfu-source.ts";

/** Receives one producer at a router, and knows what came last. */
class Sink {
  readonly consumer: types.Consumer;
  readonly #transport: types.DirectTransport;
  packets = 0;
  lastText = "";

  static async create(router: types.Router, producerId: string): Promise<Sink> {
    const transport = await router.createDirectTransport();
    const { rtpCapabilities } = router;
    const consumer = await transport.consume({ producerId, rtpCapabilities, paused: true });
    return new Sink(transport, consumer);
  }

  constructor(transport: types.DirectTransport, consumer: types.Consumer) {
    this.#transport = transport;
    this.consumer = consumer;
    consumer.on("rtp", (bytes) => {
      const text = parseRtp(bytes).payload.toString("latin1");
      this.packets += 1;
      this.lastText = text.slice(text.indexOf("layer"), text.indexOf("."));
    });
  }

  async grows(packets = 5): Promise<void> {
    const goal = this.packets + packets;
    await until("packets arrive", () => this.packets >= goal);
  }

  close(): void {
    this.#transport.close();
  }
}

describe("a pipe between two workers", () => {
  const options = resolveSfuOptions({
    workerCount: 2,
    listen: [{ ip: "127.0.0.1" }],
    port: 0,
  });
  let pool: WorkerPool;
  let near: RoomRouter;
  let far: RoomRouter;
  let nearRouter: types.Router;
  let farRouter: types.Router;
  let source: Vp8Source;
  let producer: Producer;
  let letGo: (() => void)[];

  before(async () => {
    pool = await WorkerPool.create(options);
  });
  after(() => pool.close());
  beforeEach(async () => {
    const [first, second] = pool.workers;
    assert.ok(first !== undefined && second !== undefined);
    near = new RoomRouter(first, () => {});
    far = new RoomRouter(second, () => {});
    letGo = [near.hold(), far.hold()];
    nearRouter = await near.ready();
    farRouter = await far.ready();
    source = await Vp8Source.create(nearRouter);
    producer = new Producer({
      room: new Room(options, pool, () => {}),
      router: near,
      mediaRouter: nearRouter,
      producer: source.producer,
      scope: new Scope("producer"),
    });
  });
  afterEach(async () => {
    source.stop();
    for (const release of letGo) release();
    await until("no pipe is left", () =>
      pool.workers.every(({ load, closed }) => closed || load.of("pipes") === 0),
    );
  });

  it("carries media, pausing and closing", async () => {
    const release = await producer.holdAt(far);
    const sink = await Sink.create(farRouter, producer.id);
    await sink.consumer.resume();
    await sink.grows();

    await producer.setPaused(true);
    await until("the far side knows", () => sink.consumer.producerPaused);
    const paused = sink.packets;
    await producer.setPaused(false);
    await until("the far side knows", () => !sink.consumer.producerPaused);
    await sink.grows();
    assert.ok(sink.packets > paused);

    producer.close("asked");
    await until("the far side is closed", () => sink.consumer.closed);
    release();
    sink.close();
  });

  it("carries all layers, and lets each receiver choose", async () => {
    const release = await producer.holdAt(far);
    const sinks = await Promise.all([0, 1, 2].map(() => Sink.create(farRouter, producer.id)));
    for (const [index, sink] of sinks.entries()) {
      await sink.consumer.setPreferredLayers({ spatialLayer: index, temporalLayer: 0 });
      await sink.consumer.resume();
    }
    for (const [index, sink] of sinks.entries()) {
      await until(`layer ${index} arrives`, () => sink.lastText === `layer ${index}`, 10_000);
    }
    const [low] = sinks;
    assert.ok(low !== undefined);
    await low.consumer.setPreferredLayers({ spatialLayer: 2, temporalLayer: 0 });
    await until("it has switched up", () => low.lastText === "layer 2", 10_000);
    await low.consumer.setPreferredLayers({ spatialLayer: 0, temporalLayer: 0 });
    await until("it has switched down", () => low.lastText === "layer 0", 10_000);
    for (const sink of sinks) sink.close();
    release();
  });

  it("passes requests for key frames back, and no more of them than allowed", async () => {
    const release = await producer.holdAt(far);
    const sink = await Sink.create(farRouter, producer.id);
    await sink.consumer.resume();
    await sink.grows();
    source.keyFrameRequestsAtMs.length = 0;
    const startMs = Date.now();
    while (Date.now() - startMs < 1_200) {
      await sink.consumer.requestKeyFrame();
      await sink.grows(1);
    }
    const perLayer = source.keyFrameRequestsAtMs.length / 3;
    assert.ok(perLayer >= 1 / 3 && perLayer <= 4, `${perLayer} requests a layer in 1.2 s`);
    sink.close();
    release();
  });

  it("is made anew after it was closed for want of users", async () => {
    for (let round = 0; round < 3; round += 1) {
      const releases = await Promise.all([producer.holdAt(far), producer.holdAt(far)]);
      assert.equal(far.worker.load.of("pipes"), 1);
      const sink = await Sink.create(farRouter, producer.id);
      await sink.consumer.resume();
      await sink.grows(1);
      for (const release of releases) release();
      await until("the far side is closed", () => sink.consumer.closed);
      assert.equal(far.worker.load.of("pipes"), 0);
      sink.close();
    }
  });

  it("closes with the router at its far end, and leaves the near one alone", async () => {
    await producer.holdAt(far);
    assert.equal(near.worker.load.of("pipes"), 1);
    far.close("worker-died");
    assert.equal(near.worker.load.of("pipes"), 0);
    assert.equal(producer.closed, false);
    await assert.rejects(producer.holdAt(far), { name: "ClosedError" });
    const dump = await nearRouter.dump();
    assert.equal(dump.transportIds.length, 1);
  });
});
