import type { MediaEngine, SentStream } from "../../loadtest/engine/media-engine.ts";
import type { TransportDirection } from "../../src/protocol/index.ts";
import {
  epochSecret,
  labKey,
  labStream,
  receivedStream,
  transportState,
} from "../../test/support/engine-lab.ts";

/** What each participant receives: half of it sound, half pictures of the middle size. */
export const STREAMS_RECEIVED = 10;
const MIDDLE_LAYER = 1;
const SOURCES = ["microphone", "camera"] as const;

export interface PairOptions {
  readonly generator: MediaEngine;
  /** Stands for the SFU: takes what the generator sends, and sends what it receives. */
  readonly sink: MediaEngine;
  readonly participant: string;
  /** Where in the loop of media it begins, 0 to 1. */
  readonly phase: number;
  /** Which of the frames the generator opens, 0 to 1. */
  readonly openShare: number;
}

/** Lets one more participant of the generator send and receive all of its streams. */
export async function addPair(options: PairOptions): Promise<void> {
  const { generator, sink, participant } = options;
  await Promise.all(
    [generator, sink].map((engine) => engine.request("participant:create", { participant })),
  );
  await connect(generator, sink, participant, "send");
  await connect(generator, sink, participant, "receive");
  await shareKeys(options);
  for (const source of SOURCES) {
    const { stream, rtpParameters } = labStream(participant, source, options.phase);
    for (const [layer, encoding] of rtpParameters.encodings.entries()) {
      const parameters = { ...rtpParameters, encodings: [encoding] };
      const name = `${source}-${layer}`;
      const others = { participant, stream: name, from: participant, source, openShare: 0 };
      await sink.request("stream:receive", receivedStream(parameters, others));
    }
    await generator.request("stream:send", stream);
  }
  for (let index = 0; index < STREAMS_RECEIVED; index += 1) await receiveOne(options, index);
}

async function receiveOne(options: PairOptions, index: number): Promise<void> {
  const { generator, sink, participant, openShare } = options;
  const source = SOURCES[index % SOURCES.length] ?? "microphone";
  const phase = (options.phase + index / STREAMS_RECEIVED) % 1;
  const { stream, rtpParameters } = labStream(participant, source, phase);
  const layer = source === "camera" ? MIDDLE_LAYER : 0;
  const name = `${source}-from-${index}`;
  const sent: SentStream = {
    ...stream,
    stream: name,
    encodings: stream.encodings.slice(layer, layer + 1),
  };
  const encodings = rtpParameters.encodings.slice(layer, layer + 1);
  const others = { participant, stream: name, from: "sink", source, openShare };
  const received = receivedStream({ ...rtpParameters, encodings }, others);
  await generator.request("stream:receive", received);
  await sink.request("stream:send", sent);
}

/** The generator connects, the sink is the server, whichever of them sends the media. */
async function connect(
  generator: MediaEngine,
  sink: MediaEngine,
  participant: string,
  direction: TransportDirection,
): Promise<void> {
  const ref = { participant, direction };
  const opposite = direction === "send" ? "receive" : "send";
  const there = { participant, direction: opposite } as const;
  const created = { iceServers: [], relayOnly: false };
  const { dtlsParameters } = await generator.request("transport:create", { ...ref, ...created });
  await sink.request("transport:create", { ...there, ...created });
  const accept = { ...there, address: "127.0.0.1", dtlsParameters };
  const peer = await sink.request("transport:accept", accept);
  const told = [
    transportState(generator, participant, direction),
    transportState(sink, participant, opposite),
  ];
  await generator.request("transport:start", { ...ref, ...peer });
  for (const { state, message } of await Promise.all(told)) {
    if (state !== "connected") throw new Error(`${participant}: ${message ?? state}`);
  }
}

async function shareKeys({ generator, sink, participant }: PairOptions): Promise<void> {
  const secret = epochSecret();
  const keysOf = (leaf: number) => SOURCES.map((source) => labKey(secret, leaf, 1, source));
  const [own, theirs] = [keysOf(1), keysOf(2)];
  const receiving = theirs.map((key) => ({ ...key, from: "sink" }));
  await generator.request("keys:set", { participant, sending: own, receiving });
  await sink.request("keys:set", { participant, sending: theirs, receiving: [] });
}
