import type { types } from "mediasoup-client";
import type { TransformHost } from "../../e2ee/worker/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ConsumerId, MediaSource, ParticipantId, ProducerId } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import type { MediaTransport } from "./media-transport.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { KIND_OF_SOURCE, ProtocolError, rtpCapabilities } from "../../protocol/index.ts";
import { toWire } from "./media-transport.ts";
import { StreamView } from "./stream-view.ts";

/** A stream that somebody else sends, as the server announces it. */
export interface Announced {
  readonly participantId: ParticipantId;
  readonly producerId: ProducerId;
  readonly source: MediaSource;
}

export interface Incoming extends Announced {
  readonly consumerId: ConsumerId;
  readonly track: MediaStreamTrack;
  readonly receiver: RTCRtpReceiver | undefined;
}

export interface RemoteStreamsEvents {
  "streams:changed": undefined;
}

interface Consumption extends Incoming {
  readonly consumer: types.Consumer;
  readonly view: StreamView;
}

export interface RemoteStreamsOptions {
  readonly connection: SignalingConnection;
  readonly transforms: TransformHost;
  readonly clock: Clock;
}

const RETRY_MS = 500;
/** How long an answered stream waits for others, so that one negotiation serves them all. */
const GATHER_MS = 20;
/** How long `settled` waits for streams that don't come. */
const SETTLE_MS = 500;

/**
 * What this participant receives: a consumer for each announced stream, each bound to the sender
 * and the source that the server names, so that frames of another one are refused.
 */
export class RemoteStreams {
  readonly events = new Emitter<RemoteStreamsEvents>();
  readonly #options: RemoteStreamsOptions;
  readonly #scope: Scope;
  #announced: ReadonlyMap<ProducerId, Announced> = new Map();
  readonly #consumptions = new Map<ProducerId, Consumption>();
  /** On the present transport. */
  #asked = new Set<ProducerId>();
  /** Those of `#asked` that the server has yet to answer. */
  #unanswered = 0;
  #gathering: PromiseWithResolvers<void> | undefined;
  readonly #sizes = new Map<string, number | null>();
  #transport: MediaTransport | undefined;
  #device: types.Device | undefined;
  #flowing = false;

  constructor(options: RemoteStreamsOptions) {
    this.#options = options;
    this.#scope = new Scope("remote streams", options.clock);
    const { notifications } = options.connection;
    this.#scope.add(
      notifications.on("consumer:closed", ({ consumerId }) => {
        this.#onClosed(consumerId);
      }),
    );
  }

  get list(): readonly Incoming[] {
    return [...this.#consumptions.values()];
  }

  attach(transport: MediaTransport, device: types.Device): void {
    this.detach();
    this.#transport = transport;
    this.#device = device;
    this.#reconcile();
  }

  /** The transport is gone, and every consumer with it. */
  detach(): void {
    this.#transport = undefined;
    // What is still being answered for it is asked for again on the next one.
    this.#asked = new Set();
    const gone = [...this.#consumptions.values()];
    this.#consumptions.clear();
    for (const consumption of gone) this.#close(consumption);
    if (gone.length > 0) this.events.emit("streams:changed", undefined);
  }

  /** All streams of the others at present. What is missing is asked for, what is too much closed. */
  announce(streams: readonly Announced[]): void {
    this.#announced = new Map(streams.map((stream) => [stream.producerId, stream]));
    for (const consumption of [...this.#consumptions.values()]) {
      if (!this.#announced.has(consumption.producerId)) this.#drop(consumption);
    }
    this.#reconcile();
  }

  /**
   * Resolves when all that is announced was negotiated on the transport that there is, or after
   * half a second.
   */
  async settled(): Promise<void> {
    const settled = Promise.withResolvers<void>();
    const look = () => {
      if (this.#scope.ended || this.#isSettled) settled.resolve();
    };
    const releases = [
      this.events.on("streams:changed", look),
      this.#scope.after(SETTLE_MS, settled.resolve),
      this.#scope.add(settled.resolve),
    ];
    look();
    await settled.promise;
    for (const release of releases) release();
  }

  /** Lets media flow, once there are keys to open it with: frames that came sooner would be lost. */
  flow(): void {
    this.#flowing = true;
    for (const { view } of this.#consumptions.values()) view.flow();
  }

  /** Asks for what an unreachable server could not be told. */
  resync(): void {
    this.#asked.clear();
    for (const { view } of this.#consumptions.values()) view.repeat();
    this.#reconcile();
  }

  /** How high a video is shown, in device pixels; null when it is not shown at all. */
  showing(participantId: ParticipantId, source: MediaSource, heightPixels: number | null): void {
    this.#sizes.set(`${participantId} ${source}`, heightPixels);
    for (const consumption of this.#consumptions.values()) {
      if (consumption.participantId === participantId && consumption.source === source) {
        consumption.view.show(heightPixels);
      }
    }
  }

  /** Asks for a whole picture of everything. */
  requestKeyFrames(): void {
    for (const { view } of this.#consumptions.values()) view.requestKeyFrame();
  }

  /** Asks for key frames, where the picture cannot go on without one. */
  requestKeyFrame(participantId: ParticipantId, source: MediaSource): void {
    for (const consumption of this.#consumptions.values()) {
      if (consumption.participantId === participantId && consumption.source === source) {
        consumption.view.requestKeyFrame();
      }
    }
  }

  close(reason: string): void {
    this.detach();
    this.#scope.end(reason);
    this.#gathering?.resolve();
    this.events.removeAllListeners();
  }

  get #isSettled(): boolean {
    if (this.#transport === undefined) return true;
    return [...this.#announced.keys()].every((producerId) => this.#consumptions.has(producerId));
  }

  #reconcile(): void {
    for (const stream of this.#announced.values()) {
      if (!this.#consumptions.has(stream.producerId)) void this.#consume(stream);
    }
  }

  async #consume(stream: Announced): Promise<void> {
    const transport = this.#transport;
    if (transport === undefined || this.#device === undefined || this.#scope.ended) return;
    const asked = this.#asked;
    if (asked.has(stream.producerId)) return;
    asked.add(stream.producerId);
    try {
      this.#unanswered += 1;
      const asking = this.#options.connection.request("consumer:create", {
        transportId: transport.id,
        producerId: stream.producerId,
        rtpCapabilities: toWire(rtpCapabilities, this.#device.recvRtpCapabilities),
      });
      const answered = () => {
        this.#unanswered -= 1;
        if (this.#unanswered === 0) this.#gathering?.resolve();
      };
      asking.then(answered, answered);
      const answer = await asking;
      await this.#gather();
      await this.#receive(stream, transport, answer);
    } catch (error) {
      this.#onConsumeError(stream, transport, error);
    } finally {
      asked.delete(stream.producerId);
    }
  }

  /** Resolves when all are answered that were asked for, or soon. */
  async #gather(): Promise<void> {
    if (this.#unanswered === 0) return;
    const gathering = (this.#gathering ??= Promise.withResolvers<void>());
    const cancel = this.#scope.after(GATHER_MS, () => {
      gathering.resolve();
    });
    await gathering.promise;
    cancel();
    if (this.#gathering === gathering) this.#gathering = undefined;
  }

  async #receive(
    stream: Announced,
    transport: MediaTransport,
    answer: { consumerId: ConsumerId; kind: "audio" | "video"; rtpParameters: types.RtpParameters },
  ): Promise<void> {
    const { participantId, producerId, source } = stream;
    const { consumerId, kind, rtpParameters } = answer;
    if (kind !== KIND_OF_SOURCE[source]) throw new ProtocolError("bad-answer", "kind");
    if (!this.#isWanted(stream, transport)) {
      this.#forget(consumerId);
      return;
    }
    const consumer = await transport.peer.consume({
      id: consumerId,
      producerId,
      kind,
      rtpParameters,
      // Audio and video of one participant are played in step (RFC 8834 section 4.7).
      streamId: participantId,
      onRtpReceiver: (receiver) => {
        this.#options.transforms.attachReceiver(receiver, {
          id: consumerId,
          participantId,
          source,
        });
      },
    });
    const view = new StreamView(this.#options, consumerId, kind);
    const { track, rtpReceiver: receiver } = consumer;
    const consumption = { ...stream, consumerId, consumer, track, receiver, view };
    if (!this.#isWanted(stream, transport)) {
      this.#release(consumption);
      return;
    }
    this.#consumptions.set(producerId, consumption);
    const size = this.#sizes.get(`${participantId} ${source}`);
    if (size !== undefined) view.show(size);
    if (this.#flowing) view.flow();
    this.events.emit("streams:changed", undefined);
  }

  #isWanted(stream: Announced, transport: MediaTransport): boolean {
    return (
      !this.#scope.ended &&
      this.#transport === transport &&
      this.#announced.has(stream.producerId) &&
      !this.#consumptions.has(stream.producerId)
    );
  }

  #onConsumeError(stream: Announced, transport: MediaTransport, error: unknown): void {
    // Gone meanwhile, or asked for again when the connection is back.
    if (!this.#isWanted(stream, transport)) return;
    if (error instanceof ProtocolError && error.code === "disconnected") return;
    // This browser has no decoder for it: asking again would get the same answer.
    if (error instanceof ProtocolError && error.code === "unsupported-media") return;
    this.#scope.after(RETRY_MS * (0.5 + Math.random()), () => {
      if (this.#isWanted(stream, transport)) void this.#consume(stream);
    });
  }

  #onClosed(consumerId: ConsumerId): void {
    const consumption = [...this.#consumptions.values()].find(
      (candidate) => candidate.consumerId === consumerId,
    );
    if (consumption === undefined) return;
    this.#consumptions.delete(consumption.producerId);
    this.#close(consumption);
    this.events.emit("streams:changed", undefined);
    // The way to the stream broke, not the stream: it is asked for again while it is announced.
    this.#scope.after(RETRY_MS, () => {
      this.#reconcile();
    });
  }

  #drop(consumption: Consumption): void {
    this.#consumptions.delete(consumption.producerId);
    this.#release(consumption);
    this.events.emit("streams:changed", undefined);
  }

  #release(consumption: Consumption): void {
    this.#close(consumption);
    this.#forget(consumption.consumerId);
  }

  #close({ consumer, consumerId, view }: Consumption): void {
    view.close();
    this.#options.transforms.detach(consumerId);
    consumer.close();
  }

  #forget(consumerId: ConsumerId): void {
    // The server may be away or may have closed it first: both are as good.
    this.#options.connection.request("consumer:close", { consumerId }).catch(() => undefined);
  }
}
