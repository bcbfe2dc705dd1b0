import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createWorker } from "mediasoup";
import type { types } from "mediasoup";
import { ROUTER_CODECS } from "../../../src/sfu/codecs.ts";
import type { Sfu } from "../../../src/sfu/index.ts";
import { HostileSfu } from "../../support/sfu-hostile.ts";
import {
  cameraParameters,
  joinSfu,
  microphoneParameters,
  randomId,
  startSfu,
  until,
} from "../../support/sfu-lab.ts";
import { parseRtp } from "../../support/sfu-rtp.ts";
import { Vp8Source } from "../../support/sfu-source.ts";
import { SfuTap } from "../../support/sfu-tap.ts";

describe("the tap of the tests", () => {
  const tap = new SfuTap();
  let worker: types.Worker;
  let source: Vp8Source;
  let router: types.Router;

  before(async () => {
    worker = await createWorker();
    router = await worker.createRouter({ mediaCodecs: ROUTER_CODECS });
    source = await Vp8Source.create(router);
  });
  after(() => {
    source.stop();
    worker.close();
    tap.close();
  });

  it("sees every layer as it is forwarded", async () => {
    const stream = await tap.attach(source.producer.id);
    await until("packets of all layers", () =>
      [0, 1, 2].every((layer) =>
        stream.packets.some(({ payload }) => payload.includes(`layer ${layer}`)),
      ),
    );
    stream.close();
  });

  it("takes a stream over: drops, changes, repeats and adds packets", async () => {
    const impersonation = await tap.impersonate(source.producer.id, (packet, send) => {
      send({ ...packet, payload: Buffer.concat([packet.payload, Buffer.from("changed")]) });
    });
    const transport = await router.createDirectTransport();
    const victim = await transport.consume({
      producerId: impersonation.producer.id,
      rtpCapabilities: router.rtpCapabilities,
    });
    const seen: string[] = [];
    const numbers: number[] = [];
    victim.on("rtp", (bytes) => {
      const packet = parseRtp(bytes);
      seen.push(packet.payload.toString("latin1"));
      numbers.push(packet.sequenceNumber);
    });
    await until("changed packets arrive", () => seen.some((text) => text.endsWith("changed")));
    impersonation.send({
      payload: Buffer.from("\u0090\u00e0 out of nothing"),
      timestamp: 1,
      marker: true,
    });
    await until("the added packet arrives", () => seen.some((text) => text.includes("nothing")));
    assert.ok(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0)));
    assert.ok(
      seen.filter((text) => text.includes("layer")).every((text) => text.endsWith("changed")),
    );
    impersonation.close();
    transport.close();
  });
});

describe("a hostile SFU", () => {
  const tap = new SfuTap();
  let sfu: Sfu;
  before(async () => {
    sfu = await startSfu({ workerCount: 1 });
  });
  after(async () => {
    await sfu.close();
    tap.close();
  });

  it("gives a client its own stream for another's, and looks the same", async () => {
    const roomId = randomId();
    const hostile = new HostileSfu(sfu, tap, (_stream, packet, send) => {
      send(packet);
    });
    const participantId = randomId();
    const sender = await hostile.createTransport({ roomId, participantId, direction: "send" });
    const victim = await joinSfu(sfu, roomId);
    for (const source of ["microphone", "camera"] as const) {
      const { producerId } = await hostile.createProducer({
        transportId: sender.transportId,
        source,
        rtpParameters: source === "camera" ? cameraParameters() : microphoneParameters(),
        paused: false,
      });
      const consumer = await hostile.createConsumer({
        transportId: victim.receive.transportId,
        producerId,
        rtpCapabilities: await hostile.routerRtpCapabilities(),
      });
      assert.equal(consumer.producerId, producerId);
      assert.deepEqual(hostile.streamOf(participantId, source), {
        producerId,
        participantId,
        source,
      });
      assert.equal(consumer.rtpParameters.encodings.length, 1);
      await hostile.setConsumerPaused({ consumerId: consumer.consumerId, paused: false });
      await hostile.requestKeyFrame({ consumerId: consumer.consumerId });
      await hostile.forge(producerId, { payload: Buffer.from("x"), timestamp: 1, marker: true });
      const { consumers } = sfu.stats();
      assert.equal(consumers, 0, "the true consumer is still there");
      await hostile.closeConsumer({ consumerId: consumer.consumerId });
      await hostile.closeProducer({ producerId });
    }
    await hostile.closeRoom({ roomId });
  });
});
