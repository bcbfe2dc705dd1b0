import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type {
  DtlsParameters,
  MediaSource,
  RtpCapabilities,
  RtpParameters,
} from "../../../src/protocol/index.ts";
import {
  dtlsParameters as dtlsSchema,
  ProtocolError,
  rtpCapabilities as capabilitiesSchema,
  rtpParameters as parametersSchema,
} from "../../../src/protocol/index.ts";
import type { Sfu } from "../../../src/sfu/index.ts";
import {
  cameraParameters,
  dtlsParameters,
  joinSfu,
  microphoneParameters,
  randomId,
  startSfu,
} from "../../support/sfu-lab.ts";

/** A small generator, so that a failure can be seen again by its seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ODDITIES: readonly unknown[] = [
  0,
  1,
  -1,
  96,
  97,
  111,
  255,
  0xffff_ffff,
  1.5,
  "",
  "r0",
  "L1T3",
  "L9T99",
  "S3T3_KEY",
  "audio/opus",
  "video/VP8",
  "video/rtx",
  "audio/red",
  "video/ulpfec",
  "video/",
  "\r\na=x",
  "\u0000",
  "x".repeat(256),
  true,
  false,
  null,
  [],
  {},
  { ssrc: 0 },
  { ssrc: 5 },
  { apt: 96 },
  { apt: 111 },
  { apt: "96" },
];

/** A copy with one to four values, anywhere in it, replaced, removed or doubled. */
function mutate<Value extends object>(value: Value, random: () => number): unknown {
  const copy: unknown = structuredClone(value);
  for (let count = Math.ceil(random() * 4); count > 0; count -= 1) mutateOnce(copy, random);
  return copy;
}

function mutateOnce(node: unknown, random: () => number): void {
  if (typeof node !== "object" || node === null) return;
  const keys = Object.keys(node);
  const key = keys[Math.floor(random() * keys.length)];
  if (key === undefined) return;
  const child: unknown = Reflect.get(node, key);
  if (typeof child === "object" && random() < 0.75) return mutateOnce(child, random);
  const choice = random();
  if (choice < 0.2) Reflect.deleteProperty(node, key);
  else if (choice < 0.3 && Array.isArray(node)) node.push(structuredClone(child));
  else Reflect.set(node, key, ODDITIES[Math.floor(random() * ODDITIES.length)]);
}

describe("garbage from clients", () => {
  let sfu: Sfu;
  let pid: number | undefined;
  before(async () => {
    sfu = await startSfu({ workerCount: 1 });
    pid = sfu.stats().workers[0]?.pid;
  });
  after(() => sfu.close());

  it("in RTP parameters is refused as unsupported media, and never harms the worker", async () => {
    const seeds: [MediaSource, () => RtpParameters][] = [
      ["microphone", microphoneParameters],
      ["camera", cameraParameters],
      ["screen", () => ({ ...cameraParameters(), encodings: [{ ssrc: 7, rtx: { ssrc: 8 } }] })],
    ];
    const random = mulberry32(20_261_122);
    const outcomes = { accepted: 0, refused: 0 };
    const participant = await joinSfu(sfu, randomId());
    const receiver = await joinSfu(sfu, participant.roomId);
    for (let round = 0; round < 3_000; round += 1) {
      const [source, make] = seeds[round % seeds.length] ?? ["camera", cameraParameters];
      // What the schema refuses never gets here: signaling has answered it with `bad-request`.
      const parsed = parametersSchema.safeParse(mutate(make(), random));
      if (!parsed.success) continue;
      try {
        const { producerId } = await sfu.createProducer({
          transportId: participant.send.transportId,
          source,
          rtpParameters: parsed.data,
          paused: false,
        });
        outcomes.accepted += 1;
        const consumerId = await receiver.consume(producerId);
        await sfu.setPreferredLayers({ consumerId, spatialLayer: 7, temporalLayer: 7 });
        await sfu.closeProducer({ producerId });
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.equal(error.code, "unsupported-media", JSON.stringify(parsed.data));
        outcomes.refused += 1;
      }
    }
    assert.ok(outcomes.accepted > 100 && outcomes.refused > 50, JSON.stringify(outcomes));
    assert.equal(sfu.stats().workers[0]?.pid, pid);
    await participant.leave();
    await receiver.leave();
  });

  it("in capabilities is refused as unsupported media or taken for what it can do", async () => {
    const random = mulberry32(42);
    const outcomes = { accepted: 0, refused: 0 };
    const sender = await joinSfu(sfu, randomId());
    const receiver = await joinSfu(sfu, sender.roomId);
    const producerId = await sender.produce("camera");
    const capabilities = await sfu.routerRtpCapabilities();
    for (let round = 0; round < 6_000; round += 1) {
      const parsed = capabilitiesSchema.safeParse(mutate<RtpCapabilities>(capabilities, random));
      if (!parsed.success) continue;
      try {
        const { consumerId } = await sfu.createConsumer({
          transportId: receiver.receive.transportId,
          producerId,
          rtpCapabilities: parsed.data,
        });
        outcomes.accepted += 1;
        await sfu.closeConsumer({ consumerId });
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.equal(error.code, "unsupported-media");
        outcomes.refused += 1;
      }
    }
    assert.ok(outcomes.accepted > 100 && outcomes.refused > 20, JSON.stringify(outcomes));
    assert.equal(sfu.stats().workers[0]?.pid, pid);
    await sender.leave();
    await receiver.leave();
  });

  it("in DTLS parameters is refused, and never harms the worker", async () => {
    const random = mulberry32(7);
    const outcomes = { accepted: 0, refused: 0 };
    const roomId = randomId();
    for (let round = 0; round < 1_500; round += 1) {
      const parsed = dtlsSchema.safeParse(mutate<DtlsParameters>(dtlsParameters(), random));
      if (!parsed.success) continue;
      const participantId = randomId();
      const { transportId } = await sfu.createTransport({
        roomId,
        participantId,
        direction: "send",
      });
      try {
        await sfu.connectTransport({ transportId, dtlsParameters: parsed.data });
        outcomes.accepted += 1;
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.equal(error.code, "transport-refused");
        outcomes.refused += 1;
      }
      await sfu.closeTransport({ transportId });
    }
    assert.ok(outcomes.accepted > 10 && outcomes.refused > 10, JSON.stringify(outcomes));
    assert.equal(sfu.stats().workers[0]?.pid, pid);
  });
});
