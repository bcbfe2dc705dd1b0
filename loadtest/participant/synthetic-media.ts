import type { SignalingConnection } from "../../src/client/connection/signaling-connection.ts";
import type { RoomRoster } from "../../src/client/room-roster.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ClosedError } from "../../src/lib/closed-error.ts";
import { Scope } from "../../src/lib/scope.ts";
import type {
  ConsumerId,
  MediaSource,
  ProducerId,
  RtpCapabilities,
  TransportDirection,
  TransportId,
} from "../../src/protocol/index.ts";
import { KIND_OF_SOURCE, ProtocolError } from "../../src/protocol/index.ts";
import type { MediaEngine, TransportState } from "../engine/media-engine.ts";
import { ImpairedNetwork } from "../impairment/udp-path.ts";
import type { KeyDelivery } from "./key-delivery.ts";
import { offerOf, receiveCapabilities, receivedForm } from "./media-offer.ts";
import type { ParticipantPlan } from "./participant-plan.ts";

interface SyntheticMediaOptions {
  readonly plan: ParticipantPlan;
  readonly engine: MediaEngine;
  readonly connection: SignalingConnection;
  readonly roster: RoomRoster;
  readonly keys: KeyDelivery;
  readonly connected: () => void;
  /** The media broke; nothing more comes of this one. */
  readonly broken: (reason: string) => void;
  readonly trouble: (error: unknown) => void;
}

type Announced = RoomRoster["announced"][number];

/** As the client does it: what nobody looks at is switched off after a while, and on at once. */
const LOWER_AFTER_MS = 2_000;
const DIRECTIONS = ["send", "receive"] as const;
const VOICE_DBOV = 30;
const RETRY_MS = 500;

/**
 * The media of one stay: both transports, what is sent and what is received. When it breaks another
 * one takes its place.
 */
export class SyntheticMedia {
  readonly #options: SyntheticMediaOptions;
  readonly #participant: string;
  readonly #scope = new Scope("synthetic media", systemClock);
  readonly #transports = new Map<TransportDirection, TransportId>();
  readonly #producers = new Map<MediaSource, ProducerId>();
  readonly #consumers = new Map<ProducerId, { consumerId: ConsumerId; stream: Announced }>();
  readonly #asked = new Set<ProducerId>();
  readonly #open = new Set<TransportDirection>();
  readonly #network: ImpairedNetwork | undefined;
  #router: RtpCapabilities | undefined;
  /** Of the own camera, what is sent at most; what nobody has asked for yet isn't. */
  #highestLayer = 0;
  #cancelLowering: () => void = () => {};
  #flowing = false;

  constructor(options: SyntheticMediaOptions) {
    this.#options = options;
    this.#participant = options.plan.participantId;
    const { impairment } = options.plan;
    this.#network = impairment === undefined ? undefined : new ImpairedNetwork(impairment);
    this.#listen();
  }

  /** Resolves when both transports are under way and what is sent was announced. */
  async start(): Promise<void> {
    const { connection, plan } = this.#options;
    const { routerRtpCapabilities } = await connection.request("server:capabilities", {});
    this.#router = routerRtpCapabilities;
    await Promise.all(DIRECTIONS.map((direction) => this.#openTransport(direction)));
    this.#reconcile();
    for (const source of plan.publish) await this.publish(source);
  }

  /** There are keys now: frames that come from here on can be opened. */
  flow(): void {
    this.#flowing = true;
    for (const { consumerId, stream } of this.#consumers.values()) this.#resume(consumerId, stream);
  }

  /** Begins to send a source that isn't sent yet. */
  async publish(source: MediaSource): Promise<void> {
    const { connection, engine } = this.#options;
    const transportId = this.#transports.get("send");
    if (this.#router === undefined || transportId === undefined) return;
    const { rtpParameters, stream } = offerOf(source, this.#router, this.#participant);
    const input = { transportId, source, rtpParameters, paused: false };
    const { producerId } = await connection.request("producer:create", input);
    this.#scope.assertOpen();
    this.#producers.set(source, producerId);
    await engine.request("stream:send", {
      ...stream,
      participant: this.#participant,
      active: true,
      audioLevelDbov: VOICE_DBOV,
      phase: Math.random(),
    });
  }

  /** Ends what is sent of a source. */
  async unpublish(source: MediaSource): Promise<void> {
    const producerId = this.#producers.get(source);
    if (producerId === undefined) return;
    this.#producers.delete(source);
    const { connection, engine } = this.#options;
    await engine.request("stream:stop", { participant: this.#participant, stream: source });
    await connection.request("producer:close", { producerId });
  }

  /** How loud the microphone says that it is: 0 (loudest) to 127. */
  setAudioLevel(audioLevelDbov: number): void {
    if (!this.#producers.has("microphone")) return;
    this.#tellEngine({ stream: "microphone", audioLevelDbov });
  }

  /** Nothing of its media passes for so long. */
  cut(forMs: number): void {
    this.#network?.cut(forMs);
  }

  close(): void {
    if (!this.#scope.end("closed")) return;
    this.#network?.close();
    const { engine, keys } = this.#options;
    for (const { stream } of this.#consumers.values()) {
      keys.unwant({ from: stream.participantId, source: stream.source });
    }
    for (const stream of [...this.#producers.keys(), ...this.#consumers.keys()]) {
      engine
        .request("stream:stop", { participant: this.#participant, stream })
        .catch(() => undefined);
    }
    for (const direction of DIRECTIONS) {
      engine
        .request("transport:close", { participant: this.#participant, direction })
        .catch(() => undefined);
    }
  }

  #listen(): void {
    const { connection, engine, roster } = this.#options;
    const { notifications } = connection;
    const removers = [
      roster.events.on("roster:changed", () => {
        this.#reconcile();
      }),
      engine.events.on("transport:state", (state) => {
        if (state.participant === this.#participant) this.#onTransport(state);
      }),
      notifications.on("transport:closed", ({ transportId }) => {
        if ([...this.#transports.values()].includes(transportId)) this.#break("worker-died");
      }),
      notifications.on("consumer:closed", ({ consumerId }) => {
        this.#onConsumerClosed(consumerId);
      }),
      notifications.on("producer:layers", ({ producerId, spatialLayer }) => {
        this.#wantLayer(producerId, spatialLayer ?? 0);
      }),
    ];
    for (const remove of removers) this.#scope.add(remove);
  }

  async #openTransport(direction: TransportDirection): Promise<void> {
    const { connection, engine, plan } = this.#options;
    const { participantId: participant, region, relayOnly } = plan;
    const { transport, iceServers } = await connection.request("transport:create", {
      direction,
      ...(region === undefined ? {} : { region }),
    });
    this.#scope.assertOpen();
    const { transportId, iceParameters, iceCandidates, dtlsParameters } = transport;
    this.#transports.set(direction, transportId);
    const relays = relayOnly ? iceServers : [];
    const own = await engine.request("transport:create", {
      participant,
      direction,
      iceServers: relays,
      relayOnly,
    });
    await connection.request("transport:connect", {
      transportId,
      dtlsParameters: own.dtlsParameters,
    });
    this.#scope.assertOpen();
    const candidates = (await this.#network?.through(iceCandidates)) ?? iceCandidates;
    const server = { iceParameters, iceCandidates: candidates, dtlsParameters };
    await engine.request("transport:start", { participant, direction, ...server });
  }

  #onTransport({ state, direction, message = "" }: TransportState): void {
    if (state === "failed") {
      this.#break(message);
      return;
    }
    this.#open.add(direction);
    if (this.#open.size === DIRECTIONS.length) this.#options.connected();
  }

  /** What is announced and should be seen is consumed, and what is gone is dropped. */
  #reconcile(): void {
    if (this.#scope.ended || !this.#transports.has("receive")) return;
    const wanted = new Map(this.#chosen().map((stream) => [stream.producerId, stream]));
    for (const [producerId, { consumerId, stream }] of this.#consumers) {
      if (!wanted.has(producerId)) this.#drop(producerId, consumerId, stream);
    }
    for (const stream of wanted.values()) {
      if (this.#consumers.has(stream.producerId) || this.#asked.has(stream.producerId)) continue;
      this.#asked.add(stream.producerId);
      this.#consume(stream)
        .catch((error: unknown) => {
          this.#onConsumeError(error);
        })
        .finally(() => this.#asked.delete(stream.producerId));
    }
  }

  /** All that sounds, and of the videos as many as fit, others for each participant. */
  #chosen(): Announced[] {
    const { roster, plan } = this.#options;
    const all = roster.announced;
    const videos = all.filter(({ source }) => KIND_OF_SOURCE[source] === "video");
    const rank = (stream: Announced) => rankOf(stream.participantId, plan.participantId);
    const seen = videos
      .map((stream) => ({ stream, rank: stream.source === "screen" ? -1 : rank(stream) }))
      .sort((one, other) => one.rank - other.rank)
      .slice(0, plan.videos);
    const sounds = all.filter(({ source }) => KIND_OF_SOURCE[source] === "audio");
    return [...sounds, ...seen.map(({ stream }) => stream)];
  }

  async #consume(stream: Announced): Promise<void> {
    const { connection, engine, keys, plan } = this.#options;
    const transportId = this.#transports.get("receive");
    if (transportId === undefined || this.#router === undefined) return;
    const { producerId, participantId: from, source } = stream;
    const { consumerId, rtpParameters } = await connection.request("consumer:create", {
      transportId,
      producerId,
      rtpCapabilities: receiveCapabilities(this.#router),
    });
    this.#scope.assertOpen();
    this.#consumers.set(producerId, { consumerId, stream });
    keys.want({ from, source });
    await engine.request("stream:receive", {
      ...receivedForm(rtpParameters),
      participant: this.#participant,
      stream: producerId,
      from,
      source,
      openShare: plan.openShare,
      active: true,
    });
    if (KIND_OF_SOURCE[source] === "video") {
      const layers = { spatialLayer: plan.layer, temporalLayer: 2 };
      await connection.request("consumer:set-layers", { consumerId, ...layers });
    }
    if (this.#flowing) this.#resume(consumerId, stream);
  }

  /** Whoever is leaving takes the stream along: that is told, or it is asked for again. */
  #onConsumeError(error: unknown): void {
    const isGone = error instanceof ProtocolError && error.code === "producer-not-found";
    if (!isGone) this.#onError(error);
    this.#scope.after(RETRY_MS, () => {
      this.#reconcile();
    });
  }

  #resume(consumerId: ConsumerId, { producerId }: Announced): void {
    if (!this.#consumers.has(producerId)) return;
    this.#options.connection.request("consumer:resume", { consumerId }).catch((error: unknown) => {
      this.#onError(error);
    });
  }

  #onConsumerClosed(consumerId: ConsumerId): void {
    for (const [producerId, consumer] of this.#consumers) {
      if (consumer.consumerId === consumerId) this.#forget(producerId, consumer.stream);
    }
    // If only the way to the stream broke, it is asked for again while it is announced.
    this.#scope.after(RETRY_MS, () => {
      this.#reconcile();
    });
  }

  #drop(producerId: ProducerId, consumerId: ConsumerId, stream: Announced): void {
    this.#forget(producerId, stream);
    // The server may have closed it first, which is as good.
    this.#options.connection.request("consumer:close", { consumerId }).catch(() => undefined);
  }

  #forget(producerId: ProducerId, { participantId: from, source }: Announced): void {
    const { engine, keys } = this.#options;
    this.#consumers.delete(producerId);
    keys.unwant({ from, source });
    engine
      .request("stream:stop", { participant: this.#participant, stream: producerId })
      .catch(() => undefined);
  }

  #wantLayer(producerId: ProducerId, layer: number): void {
    if (this.#producers.get("camera") !== producerId) return;
    this.#cancelLowering();
    const send = () => {
      this.#highestLayer = layer;
      const encodings = [0, 1, 2].map((index) => index <= layer);
      this.#tellEngine({ stream: "camera", encodings });
    };
    if (layer >= this.#highestLayer) send();
    // Whoever is on the higher one still gets it until the server has found a place to go over.
    else this.#cancelLowering = this.#scope.after(LOWER_AFTER_MS, send);
  }

  #tellEngine(change: {
    readonly stream: string;
    readonly audioLevelDbov?: number;
    readonly encodings?: readonly boolean[];
  }): void {
    this.#options.engine
      .request("stream:set", { participant: this.#participant, ...change })
      .catch((error: unknown) => {
        this.#onError(error);
      });
  }

  #onError(error: unknown): void {
    if (this.#scope.ended || error instanceof ClosedError) return;
    this.#options.trouble(error);
  }

  #break(reason: string): void {
    if (this.#scope.ended) return;
    this.close();
    this.#options.broken(reason);
  }
}

/** An order of participants that is another one for each who looks, and stays the same. */
function rankOf(participantId: string, viewer: string): number {
  let hash = 0x811c_9dc5;
  for (const character of participantId + viewer) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x0100_0193);
  }
  return hash >>> 0;
}
