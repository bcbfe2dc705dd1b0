import { Emitter } from "../lib/emitter.ts";
import type {
  ConsumerId,
  DtlsParameters,
  ErrorCode,
  IceParameters,
  MediaKind,
  MediaSource,
  ParticipantId,
  ProducerId,
  RoomId,
  RtpCapabilities,
  RtpParameters,
  TransportDescription,
  TransportDirection,
  TransportId,
} from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import { routerRtpCapabilities } from "./codecs.ts";
import type { Consumer } from "./consumer.ts";
import { mediaError } from "./media-error.ts";
import type { MediaPort } from "./media-worker.ts";
import type { Producer } from "./producer.ts";
import { Room } from "./room.ts";
import type { SfuEvents } from "./sfu-events.ts";
import type { ResolvedSfuOptions, SfuOptions } from "./sfu-options.ts";
import { resolveSfuOptions } from "./sfu-options.ts";
import type { SfuStats } from "./sfu-stats.ts";
import type { Transport } from "./transport.ts";
import { WorkerPool } from "./worker-pool.ts";

/**
 * The media part: forwards sealed frames between participants, whom it knows by random ids only.
 * It trusts who calls it to know which participant owns which id; it does make sure that nothing
 * passes between rooms.
 *
 * Refusals are `ProtocolError`s. An id that is unknown, or whose resource has closed, is
 * `transport-not-found`, `producer-not-found` or `consumer-not-found`; closing it does nothing.
 * A worker that dies in the middle is `sfu-unavailable`: asking again finds another worker.
 * After `close` everything is refused with `server-closing`.
 *
 * It owns the rooms and the workers, and closes them in this order.
 */
export class Sfu {
  readonly #options: ResolvedSfuOptions;
  readonly #pool: WorkerPool;
  readonly #events = new Emitter<SfuEvents>();
  readonly #capabilities = routerRtpCapabilities();
  readonly #rooms = new Map<RoomId, Room>();
  readonly #transports = new Map<TransportId, Transport>();
  readonly #producers = new Map<ProducerId, Producer>();
  readonly #consumers = new Map<ConsumerId, Consumer>();
  #closing: Promise<void> | undefined;

  /** Resolves when all workers listen; rejects when the options or a worker's start are at fault. */
  static async create(options: SfuOptions): Promise<Sfu> {
    const resolved = resolveSfuOptions(options);
    return new Sfu(resolved, await WorkerPool.create(resolved));
  }

  constructor(options: ResolvedSfuOptions, pool: WorkerPool) {
    this.#options = options;
    this.#pool = pool;
  }

  on<Name extends keyof SfuEvents>(
    name: Name,
    listener: (event: SfuEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  async routerRtpCapabilities(): Promise<RtpCapabilities> {
    return structuredClone(this.#capabilities);
  }

  /** Makes the room on its first transport. */
  async createTransport(input: {
    roomId: RoomId;
    participantId: ParticipantId;
    direction: TransportDirection;
  }): Promise<TransportDescription> {
    this.#assertOpen();
    const room = this.#roomOf(input.roomId);
    const transport = await this.#ask("sfu-unavailable", "sfu-unavailable", () =>
      room.createTransport(input.participantId, input.direction),
    );
    if (transport.closed) throw new ProtocolError("sfu-unavailable");
    const { id: transportId } = transport;
    this.#transports.set(transportId, transport);
    transport.events.on("closed", ({ reason }) => {
      this.#transports.delete(transportId);
      if (reason === "worker-died") {
        this.#events.emit("transport:closed", { transportId, reason });
      }
    });
    return transport.describe();
  }

  async connectTransport(input: {
    transportId: TransportId;
    dtlsParameters: DtlsParameters;
  }): Promise<void> {
    const transport = this.#transport(input.transportId);
    await this.#ask("transport-refused", "transport-not-found", () =>
      transport.connect(input.dtlsParameters),
    );
  }

  async restartIce(input: { transportId: TransportId }): Promise<IceParameters> {
    const transport = this.#transport(input.transportId);
    return this.#ask("transport-refused", "transport-not-found", () => transport.restartIce());
  }

  async closeTransport(input: { transportId: TransportId }): Promise<void> {
    this.#transports.get(input.transportId)?.close("asked");
  }

  async createProducer(input: {
    transportId: TransportId;
    source: MediaSource;
    rtpParameters: RtpParameters;
    paused: boolean;
  }): Promise<{ producerId: ProducerId }> {
    const transport = this.#transport(input.transportId);
    const producer = await this.#ask("unsupported-media", "transport-not-found", () =>
      transport.produce(input.source, input.rtpParameters, input.paused),
    );
    const { id: producerId } = producer;
    this.#producers.set(producerId, producer);
    producer.onClosed(() => {
      this.#producers.delete(producerId);
    });
    return { producerId };
  }

  async setProducerPaused(input: { producerId: ProducerId; paused: boolean }): Promise<void> {
    const producer = this.#producer(input.producerId);
    await this.#ask("producer-not-found", "producer-not-found", () =>
      producer.setPaused(input.paused),
    );
  }

  async closeProducer(input: { producerId: ProducerId }): Promise<void> {
    this.#producers.get(input.producerId)?.close("asked");
  }

  /** The consumer begins paused. A producer of another room is `producer-not-found`. */
  async createConsumer(input: {
    transportId: TransportId;
    producerId: ProducerId;
    rtpCapabilities: RtpCapabilities;
  }): Promise<{
    consumerId: ConsumerId;
    producerId: ProducerId;
    kind: MediaKind;
    rtpParameters: RtpParameters;
    producerPaused: boolean;
  }> {
    const transport = this.#transport(input.transportId);
    const producer = this.#producer(input.producerId);
    if (producer.room !== transport.room) throw new ProtocolError("producer-not-found");
    const consumer = await this.#ask(
      "unsupported-media",
      () => (transport.closed ? "transport-not-found" : "producer-not-found"),
      () => transport.consume(producer, input.rtpCapabilities),
    );
    if (consumer.closed) throw new ProtocolError("producer-not-found");
    this.#watchConsumer(consumer, transport);
    return consumer.describe();
  }

  async setConsumerPaused(input: { consumerId: ConsumerId; paused: boolean }): Promise<void> {
    const consumer = this.#consumer(input.consumerId);
    await this.#ask("consumer-not-found", "consumer-not-found", () =>
      consumer.setPaused(input.paused),
    );
  }

  async setPreferredLayers(input: {
    consumerId: ConsumerId;
    spatialLayer: number;
    temporalLayer: number;
  }): Promise<void> {
    const { consumerId, spatialLayer, temporalLayer } = input;
    const consumer = this.#consumer(consumerId);
    await this.#ask("consumer-not-found", "consumer-not-found", () =>
      consumer.setPreferredLayers({ spatialLayer, temporalLayer }),
    );
  }

  async requestKeyFrame(input: { consumerId: ConsumerId }): Promise<void> {
    const consumer = this.#consumer(input.consumerId);
    await this.#ask("consumer-not-found", "consumer-not-found", () => consumer.requestKeyFrame());
  }

  async closeConsumer(input: { consumerId: ConsumerId }): Promise<void> {
    this.#consumers.get(input.consumerId)?.close("asked");
  }

  async closeRoom(input: { roomId: RoomId }): Promise<void> {
    this.#rooms.get(input.roomId)?.close("room-closed");
  }

  stats(): SfuStats {
    const workers = this.#pool.workers.map(({ index, pid, load, usage }) => ({
      index,
      pid,
      participants: load.of("participants"),
      transports: load.of("transports"),
      producers: load.of("producers"),
      consumers: load.of("consumers"),
      pipes: load.of("pipes"),
      ...usage,
    }));
    return {
      workersConfigured: this.#pool.size,
      workersAlive: workers.length,
      workerDeaths: this.#pool.deaths,
      rooms: this.#rooms.size,
      transports: this.#transports.size,
      producers: this.#producers.size,
      consumers: this.#consumers.size,
      pipes: workers.reduce((sum, { pipes }) => sum + pipes, 0) / 2,
      workers,
    };
  }

  /** What a relay has to let through. They stay the same for as long as this SFU lives. */
  mediaPorts(): readonly MediaPort[] {
    return this.#pool.ports;
  }

  /** Resolves when the worker processes have ended. Tells nothing of what it closes. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#events.removeAllListeners();
    for (const room of [...this.#rooms.values()]) room.close("sfu-closed");
    await this.#pool.close();
  }

  #roomOf(roomId: RoomId): Room {
    const known = this.#rooms.get(roomId);
    if (known !== undefined) return known;
    if (this.#rooms.size >= this.#options.limits.rooms) throw new ProtocolError("server-full");
    const room = new Room(this.#options, this.#pool, () => {
      this.#rooms.delete(roomId);
    });
    this.#rooms.set(roomId, room);
    return room;
  }

  #watchConsumer(consumer: Consumer, transport: Transport): void {
    const { id: consumerId } = consumer;
    this.#consumers.set(consumerId, consumer);
    consumer.events.on("layers", ({ layers }) => {
      this.#events.emit("consumer:layers", { consumerId, layers });
    });
    consumer.events.on("closed", ({ reason }) => {
      this.#consumers.delete(consumerId);
      // Of what went with its own transport or worker nobody is told one by one.
      if (transport.closed || transport.isLost) return;
      if (reason === "producer-closed" || reason === "worker-died") {
        this.#events.emit("consumer:closed", { consumerId, reason });
      }
    });
  }

  /** Runs `task` and turns whatever goes wrong into the refusal for it. */
  async #ask<Result>(
    refused: ErrorCode,
    gone: ErrorCode | (() => ErrorCode),
    task: () => Promise<Result>,
  ): Promise<Result> {
    this.#assertOpen();
    try {
      return await task();
    } catch (error) {
      this.#assertOpen();
      throw mediaError(error, { refused, gone: typeof gone === "function" ? gone() : gone });
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new ProtocolError("server-closing");
  }

  #transport(id: TransportId): Transport {
    this.#assertOpen();
    return this.#transports.get(id) ?? notFound("transport-not-found");
  }

  #producer(id: ProducerId): Producer {
    this.#assertOpen();
    return this.#producers.get(id) ?? notFound("producer-not-found");
  }

  #consumer(id: ConsumerId): Consumer {
    this.#assertOpen();
    return this.#consumers.get(id) ?? notFound("consumer-not-found");
  }
}

function notFound(code: ErrorCode): never {
  throw new ProtocolError(code);
}
