import type { types } from "mediasoup-client";
import type { TransformHost } from "../../e2ee/worker/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { MediaSource } from "../../protocol/index.ts";
import type { LocalStream } from "../call-state.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import type { MediaTransport } from "./media-transport.ts";
import { Emitter } from "../../lib/emitter.ts";
import { SerialQueue } from "../../lib/serial-queue.ts";
import { KIND_OF_SOURCE, ProtocolError } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import type { SendCodec } from "./encodings.ts";
import { sendOptionsOf } from "./encodings.ts";
import { SentLayers } from "./sent-layers.ts";

export interface LocalStreamsEvents {
  "streams:changed": undefined;
}

export interface LocalStreamsOptions {
  readonly connection: SignalingConnection;
  readonly transforms: TransformHost;
  readonly clock: Clock;
}

interface Outgoing {
  readonly source: MediaSource;
  track: MediaStreamTrack;
  muted: boolean;
  producer: types.Producer | undefined;
  /** Has a track only while it is not muted. */
  sender: RTCRtpSender | undefined;
  /** Names the sender's transform. */
  transformId: string | undefined;
  layers: SentLayers | undefined;
}

/**
 * What this participant sends: at most one stream of each source. It outlives transports: whatever
 * is set is sent again on the next one.
 */
export class LocalStreams {
  readonly events = new Emitter<LocalStreamsEvents>();
  readonly #connection: SignalingConnection;
  readonly #transforms: TransformHost;
  readonly #clock: Clock;
  readonly #stopListening: () => void;
  readonly #streams = new Map<MediaSource, Outgoing>();
  readonly #queue = new SerialQueue("local streams");
  #transport: MediaTransport | undefined;
  #codec: SendCodec | "undecided" | undefined;

  constructor({ connection, transforms, clock }: LocalStreamsOptions) {
    this.#connection = connection;
    this.#transforms = transforms;
    this.#clock = clock;
    this.#stopListening = connection.notifications.on("producer:layers", (event) => {
      for (const { producer, layers } of this.#streams.values()) {
        if (producer?.id === event.producerId) layers?.want(event.spatialLayer);
      }
    });
  }

  get list(): readonly LocalStream[] {
    return [...this.#streams.values()].map(({ source, track, muted }) => ({
      source,
      track,
      muted,
    }));
  }

  /** The sender of each source that is on its way. */
  get senders(): ReadonlyMap<MediaSource, RTCRtpSender> {
    const senders = new Map<MediaSource, RTCRtpSender>();
    for (const { source, producer } of this.#streams.values()) {
      if (producer?.rtpSender !== undefined) senders.set(source, producer.rtpSender);
    }
    return senders;
  }

  /**
   * Sends all streams on this transport from now on, video with this codec, or not before
   * `useCodec` has decided on one. Resolves when the server has them.
   */
  attach(transport: MediaTransport, codec: SendCodec | "undecided" | undefined): Promise<void> {
    return this.#queue.run(async () => {
      this.#transport = transport;
      this.#codec = codec;
      for (const stream of this.#streams.values()) await this.#produce(stream);
    });
  }

  /** Sends video with this codec from now on. What is on its way with another one begins anew. */
  useCodec(codec: SendCodec): Promise<void> {
    return this.#queue.run(async () => {
      const before = this.#codec;
      if (before === codec || (typeof before === "object" && before.name === codec.name)) return;
      this.#codec = codec;
      for (const stream of this.#streams.values()) {
        if (KIND_OF_SOURCE[stream.source] === "audio") continue;
        await this.#stop(stream);
        await this.#produce(stream);
      }
    });
  }

  /** The transport is gone: what was sent on it waits for the next one. */
  detach(): void {
    this.#transport = undefined;
    for (const stream of this.#streams.values()) this.#forget(stream);
  }

  /** A picture that somebody can begin with. */
  requestKeyFrames(): void {
    for (const { source, transformId } of this.#streams.values()) {
      if (transformId === undefined || KIND_OF_SOURCE[source] === "audio") continue;
      // An encoder that cannot be asked is asked by the receivers' reports.
      this.#transforms.requestKeyFrame(transformId).catch(() => undefined);
    }
  }

  /**
   * Adds a stream before there is a transport: it is sent as soon as there is one. Throws
   * `CallError` (`bad-stream`).
   */
  add(source: MediaSource, track: MediaStreamTrack, muted: boolean): void {
    this.#put(source, track, muted);
  }

  /** Begins or replaces a stream, or ends it with null. Rejects with `CallError` (`bad-stream`). */
  setStream(source: MediaSource, track: MediaStreamTrack | null): Promise<void> {
    return this.#queue.run(async () => {
      const stream = this.#streams.get(source);
      if (track === null) await this.#end(source, stream);
      else if (stream === undefined) await this.#produce(this.#put(source, track, false));
      else await this.#replace(stream, track);
    });
  }

  /** Muted means that no packet of the stream leaves this device. */
  setMuted(source: MediaSource, muted: boolean): Promise<void> {
    return this.#queue.run(async () => {
      const stream = this.#streams.get(source);
      if (stream === undefined || stream.muted === muted) return;
      stream.muted = muted;
      // First here, so that mute holds whatever the server says.
      await feed(stream);
      this.events.emit("streams:changed", undefined);
      await this.#tellMuted(stream);
    });
  }

  /** After a lost connection: what changed meanwhile is told again. */
  async resync(): Promise<void> {
    await this.#queue.run(async () => {
      for (const stream of this.#streams.values()) {
        if (stream.producer === undefined) await this.#produce(stream);
        else await this.#tellMuted(stream);
      }
    });
  }

  close(reason: string): void {
    this.#queue.close(reason);
    this.#stopListening();
    this.events.removeAllListeners();
    for (const stream of this.#streams.values()) this.#forget(stream);
    this.#streams.clear();
    this.#transport = undefined;
  }

  #put(source: MediaSource, track: MediaStreamTrack, muted: boolean): Outgoing {
    assertFits(source, track);
    const idle = {
      producer: undefined,
      sender: undefined,
      transformId: undefined,
      layers: undefined,
    };
    const stream = { source, track, muted, ...idle };
    this.#streams.set(source, stream);
    this.events.emit("streams:changed", undefined);
    return stream;
  }

  async #replace(stream: Outgoing, track: MediaStreamTrack): Promise<void> {
    assertFits(stream.source, track);
    stream.track = track;
    await feed(stream);
    this.events.emit("streams:changed", undefined);
  }

  async #end(source: MediaSource, stream: Outgoing | undefined): Promise<void> {
    if (stream === undefined) return;
    this.#streams.delete(source);
    this.events.emit("streams:changed", undefined);
    await this.#stop(stream);
  }

  async #stop(stream: Outgoing): Promise<void> {
    const { producer } = stream;
    this.#forget(stream);
    if (producer === undefined) return;
    await this.#tell(() => this.#connection.request("producer:close", { producerId: producer.id }));
  }

  async #produce(stream: Outgoing): Promise<void> {
    const transport = this.#transport;
    if (transport === undefined || stream.producer !== undefined) return;
    if (stream.track.readyState === "ended") return;
    const { source, track, muted } = stream;
    const codec = this.#codec;
    if (codec === "undecided" && KIND_OF_SOURCE[source] === "video") return;
    try {
      const producer = await transport.peer.produce({
        ...sendOptionsOf(source, codec === "undecided" ? undefined : codec),
        track,
        stopTracks: false,
        disableTrackOnPause: false,
        appData: { source, muted },
        onRtpSender: (sender) => {
          stream.transformId = this.#transforms.attachSender(sender, { source });
          stream.sender = sender;
          // Nothing is encoded before the server knows the stream: the key frame at the beginning
          // would be lost, and the next ones are to be had at intervals only.
          sender.replaceTrack(null).catch(() => undefined);
        },
      });
      stream.producer = producer;
      stream.layers = SentLayers.of(producer.rtpSender, this.#clock);
      await feed(stream);
    } catch (error) {
      this.#forget(stream);
      // The transport went meanwhile; the next one takes the stream along.
      if (transport !== this.#transport || isAway(error)) return;
      throw error;
    }
  }

  #forget(stream: Outgoing): void {
    stream.layers?.close();
    stream.producer?.close();
    if (stream.transformId !== undefined) this.#transforms.detach(stream.transformId);
    stream.producer = undefined;
    stream.sender = undefined;
    stream.transformId = undefined;
    stream.layers = undefined;
  }

  async #tellMuted({ producer, muted }: Outgoing): Promise<void> {
    if (producer === undefined) return;
    const name = muted ? "producer:pause" : "producer:resume";
    await this.#tell(() => this.#connection.request(name, { producerId: producer.id }));
  }

  /** A server that is away or has forgotten the producer learns it after the connection's return. */
  async #tell(request: () => Promise<unknown>): Promise<void> {
    try {
      await request();
    } catch (error) {
      if (!isAway(error)) throw error;
    }
  }
}

/**
 * Gives the sender its track, or takes it away: without one a sender sends nothing (W3C WebRTC
 * section 5.2). It is not left to the media library, which would ask for a new session description
 * first and keep its failure to itself.
 */
async function feed(stream: Outgoing): Promise<void> {
  const { sender, track, muted } = stream;
  try {
    await sender?.replaceTrack(muted ? null : track);
  } catch (error) {
    // A sender that was closed meanwhile sends nothing anyway.
    if (stream.sender === sender) throw error;
  }
}

function assertFits(source: MediaSource, track: MediaStreamTrack): void {
  if (track.kind !== KIND_OF_SOURCE[source] || track.readyState === "ended") {
    throw new CallError("bad-stream");
  }
}

function isAway(error: unknown): boolean {
  return (
    error instanceof ProtocolError &&
    ["disconnected", "timed-out", "producer-not-found", "transport-not-found"].includes(error.code)
  );
}
