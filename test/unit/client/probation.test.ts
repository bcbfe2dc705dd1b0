import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { types } from "mediasoup-client";
import { Device, FakeHandler, testFakeParameters } from "mediasoup-client";
import { withProbationAtOnce } from "../../../src/client/media/probation.ts";

const {
  generateConsumerRemoteParameters,
  generateRouterRtpCapabilities,
  generateTransportRemoteParameters,
} = testFakeParameters;

/** A receiving transport, and which streams each negotiation of it was about. */
async function receiver() {
  const rounds: string[][] = [];
  const inner = FakeHandler.createFactory(testFakeParameters);
  const counting: types.HandlerFactory = {
    ...inner,
    factory(options) {
      const handler = inner.factory(options);
      const receive = handler.receive.bind(handler);
      handler.receive = (streams) => {
        rounds.push(streams.map(({ trackId }) => trackId));
        return receive(streams);
      };
      return handler;
    },
  };
  const device = new Device({ handlerFactory: withProbationAtOnce(counting) });
  await device.load({ routerRtpCapabilities: generateRouterRtpCapabilities() });
  const transport = device.createRecvTransport(generateTransportRemoteParameters());
  transport.on("connect", (_parameters, done) => {
    done();
  });
  return { rounds, transport };
}

function stream(id: string, codecMimeType: "audio/opus" | "video/VP8"): types.ConsumerOptions {
  return generateConsumerRemoteParameters({ id, codecMimeType });
}

describe("the stream that probes the bandwidth", () => {
  it("is negotiated together with the first video, once", async () => {
    const { rounds, transport } = await receiver();
    const consumers = await Promise.all([
      transport.consume(stream("sound", "audio/opus")),
      transport.consume(stream("picture", "video/VP8")),
    ]);
    assert.deepEqual(
      consumers.map(({ id, kind }) => [id, kind]),
      [
        ["sound", "audio"],
        ["picture", "video"],
      ],
    );
    await transport.consume(stream("another", "video/VP8"));
    assert.deepEqual(rounds.flat().filter((id) => id === "probator").length, 1);
    const withPicture = rounds.findIndex((ids) => ids.includes("picture"));
    assert.ok(rounds[withPicture]?.includes("probator"));
    transport.close();
  });

  it("is not there for sound alone", async () => {
    const { rounds, transport } = await receiver();
    await transport.consume(stream("sound", "audio/opus"));
    await transport.consume(stream("more", "audio/opus"));
    assert.deepEqual(rounds, [["sound"], ["more"]]);
    transport.close();
  });
});
