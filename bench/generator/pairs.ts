import type { MediaEngine, SentStream } from "../../loadtest/engine/media-engine.ts";
import type { RtpParameters, TransportDirection } from "../../src/protocol/index.ts";
import {
  epochSecret,
  labKey,
  labStream,
  receivedStream,
  transportState,
} from "../../test/support/engine-lab.ts";

/** What each participant receives: half of it sound, half pictures of the middle size. */
export const STREAMS_RECEIVED = 10;
/** How many receive the same streams, as those of one room do. */
export const ROOM_SIZE = 10;
const MIDDLE_LAYER = 1;
const SOURCES = ["microphone", "camera"] as const;

/** What the participants of one room receive. */
interface Room {
  /** By whose transport the sink sends the streams first. */
  readonly first: string;
  readonly secret: Uint8Array;
  readonly streams: readonly RoomStream[];
}

interface RoomStream {
  readonly sent: SentStream;
  readonly rtpParameters: RtpParameters;
}

/**
 * Participants of a generator of load, and their peers in the sink that stands for the SFU: it takes
 * what the generator sends, and sends what it receives, sealed once for each room.
 */
export class Pairs {
  readonly #generator: MediaEngine;
  readonly #sink: MediaEngine;
  #count = 0;
  #room: Room | undefined;

  constructor(generator: MediaEngine, sink: MediaEngine) {
    this.#generator = generator;
    this.#sink = sink;
  }

  get count(): number {
    return this.#count;
  }

  /** Lets one more participant of the generator send and receive all of its streams. */
  async add(): Promise<void> {
    const participant = String(this.#count);
    const phase = phaseOf(this.#count);
    this.#count += 1;
    const engines = [this.#generator, this.#sink];
    await Promise.all(
      engines.map((engine) => engine.request("participant:create", { participant })),
    );
    await this.#connect(participant, "send");
    await this.#connect(participant, "receive");
    const isFirst = Number(participant) % ROOM_SIZE === 0;
    const room = isFirst ? roomOf(participant) : this.#room;
    if (room === undefined) throw new Error("a room begins with its first participant");
    this.#room = room;
    await this.#shareKeys(participant, room);
    await this.#send(participant, phase);
    for (const stream of room.streams) await this.#receive(participant, room, stream);
  }

  /** Of the frames that the generator receives, 0 to 1. */
  async setOpenShare(openShare: number): Promise<void> {
    for (let index = 0; index < this.#count; index += 1) {
      const participant = String(index);
      const names = Array.from({ length: STREAMS_RECEIVED }, (_, stream) => nameOf(stream));
      await Promise.all(
        names.map((stream) =>
          this.#generator.request("stream:set", { participant, stream, openShare }),
        ),
      );
    }
  }

  async #send(participant: string, phase: number): Promise<void> {
    for (const source of SOURCES) {
      const { stream, rtpParameters } = labStream(participant, source, phase);
      for (const [layer, encoding] of rtpParameters.encodings.entries()) {
        const parameters = { ...rtpParameters, encodings: [encoding] };
        const name = `${source}-${layer}`;
        const others = { participant, stream: name, from: participant, source, openShare: 0 };
        await this.#sink.request("stream:receive", receivedStream(parameters, others));
      }
      await this.#generator.request("stream:send", stream);
    }
  }

  async #receive(participant: string, room: Room, { sent, rtpParameters }: RoomStream) {
    const { source, stream } = sent;
    const others = { participant, stream, from: room.first, source, openShare: 1 };
    await this.#generator.request("stream:receive", receivedStream(rtpParameters, others));
    if (participant === room.first) await this.#sink.request("stream:send", sent);
    else {
      const mirror = { participant: room.first, stream, to: participant };
      await this.#sink.request("stream:mirror", mirror);
    }
  }

  /** The generator connects, the sink is the server, whichever of them sends the media. */
  async #connect(participant: string, direction: TransportDirection): Promise<void> {
    const [generator, sink] = [this.#generator, this.#sink];
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

  async #shareKeys(participant: string, { first, secret }: Room): Promise<void> {
    const keysOf = (leaf: number) => SOURCES.map((source) => labKey(secret, leaf, 1, source));
    const [own, theirs] = [keysOf(1), keysOf(2)];
    const receiving = theirs.map((key) => ({ ...key, from: first }));
    await this.#generator.request("keys:set", { participant, sending: own, receiving });
    if (participant !== first) return;
    await this.#sink.request("keys:set", { participant, sending: theirs, receiving: [] });
  }
}

function nameOf(index: number): string {
  return `received-${index}`;
}

/**
 * By the golden ratio each place in the loop of media lies far from all before it, and so does each
 * moment within a frame, which the native engine takes from 997 times the phase.
 */
function phaseOf(index: number): number {
  return (index * (616.618_034 / 997)) % 1;
}

function roomOf(first: string): Room {
  const streams = Array.from({ length: STREAMS_RECEIVED }, (_, index) => {
    const source = SOURCES[index % SOURCES.length] ?? "microphone";
    const { stream, rtpParameters } = labStream(first, source, phaseOf(Number(first) + index));
    const layer = source === "camera" ? MIDDLE_LAYER : 0;
    const only = <Item>(all: readonly Item[]) => all.slice(layer, layer + 1);
    return {
      sent: { ...stream, stream: nameOf(index), encodings: only(stream.encodings) },
      rtpParameters: { ...rtpParameters, encodings: only(rtpParameters.encodings) },
    };
  });
  return { first, secret: epochSecret(), streams };
}
