import { Emitter } from "../lib/emitter.ts";
import type {
  ClientRequestInput,
  ConsumerId,
  DtlsParameters,
  IceParameters,
  MediaSource,
  NotificationPayload,
  ParticipantId,
  ProducerId,
  ProducerSnapshot,
  RoomId,
  TransportDescription,
  TransportDirection,
  TransportId,
} from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { MediaDirectory } from "./media-directory.ts";
import type { ConsumerDescription, SfuControl } from "./ports.ts";
import type { SfuRooms } from "./sfu-rooms.ts";

/** What the participant themselves or the others are told of. */
export interface MediaEvents {
  "producer:opened": ProducerSnapshot;
  "producer:paused": { producerId: ProducerId };
  "producer:resumed": { producerId: ProducerId };
  "producer:closed": { producerId: ProducerId };
  "consumer:closed": NotificationPayload<"consumer:closed">;
  "consumer:layers": NotificationPayload<"consumer:layers">;
  "transport:closed": NotificationPayload<"transport:closed">;
}

interface Transport {
  readonly transportId: TransportId;
  readonly direction: TransportDirection;
  /** The client has used the transport, so it knows its id. */
  used: boolean;
}

interface Producer {
  readonly producerId: ProducerId;
  readonly transportId: TransportId;
  readonly source: MediaSource;
  paused: boolean;
}

interface Consumer {
  readonly consumerId: ConsumerId;
  readonly producerId: ProducerId;
  readonly transportId: TransportId;
}

export interface ParticipantMediaContext {
  readonly roomId: RoomId;
  readonly participantId: ParticipantId;
  readonly sfu: SfuControl;
  readonly sfuRooms: SfuRooms;
  readonly directory: MediaDirectory;
  readonly maxConsumers: number;
  /** Told of what the SFU could not close. */
  readonly onError: (error: unknown) => void;
}

/**
 * The transports, producers and consumers of one participant. Every id that a client names is
 * looked up here, so that nobody reaches what is another's. After each call of the SFU it looks
 * whether what the call was for is still there, and closes what came too late.
 */
export class ParticipantMedia {
  readonly events = new Emitter<MediaEvents>();
  readonly roomId: RoomId;
  readonly #context: ParticipantMediaContext;
  readonly #sfu: SfuControl;
  readonly #directory: MediaDirectory;
  readonly #transports = new Map<TransportId, Transport>();
  readonly #producers = new Map<ProducerId, Producer>();
  readonly #consumers = new Map<ConsumerId, Consumer>();
  readonly #openingDirections = new Set<TransportDirection>();
  readonly #openingSources = new Set<MediaSource>();
  #openingConsumers = 0;
  #closed = false;

  constructor(context: ParticipantMediaContext) {
    this.#context = context;
    this.roomId = context.roomId;
    this.#sfu = context.sfu;
    this.#directory = context.directory;
  }

  get producers(): ProducerSnapshot[] {
    return [...this.#producers.values()].map(snapshot);
  }

  /**
   * Throws `transport-exists`. A transport that was never used is replaced: its owner does not
   * know of it when the answer was lost with the connection.
   */
  async createTransport(direction: TransportDirection): Promise<TransportDescription> {
    const { roomId, participantId, sfuRooms } = this.#context;
    const existing = [...this.#transports.values()].find((each) => each.direction === direction);
    if (existing?.used === true || this.#openingDirections.has(direction)) {
      throw new ProtocolError("transport-exists");
    }
    if (existing !== undefined) this.#quietly(this.closeTransport(existing.transportId));
    this.#openingDirections.add(direction);
    try {
      const description = await sfuRooms.createTransport({ roomId, participantId, direction }, () =>
        this.#assertOpen(),
      );
      const { transportId } = description;
      if (this.#closed) this.#quietly(this.#sfu.closeTransport({ transportId }));
      this.#assertOpen();
      this.#transports.set(transportId, { transportId, direction, used: false });
      this.#directory.transports.set(transportId, this);
      return description;
    } finally {
      this.#openingDirections.delete(direction);
    }
  }

  async connectTransport(transportId: TransportId, dtlsParameters: DtlsParameters): Promise<void> {
    this.#useTransport(transportId);
    await this.#sfu.connectTransport({ transportId, dtlsParameters });
  }

  async restartIce(transportId: TransportId): Promise<IceParameters> {
    this.#useTransport(transportId);
    return this.#sfu.restartIce({ transportId });
  }

  async closeTransport(transportId: TransportId): Promise<void> {
    this.#transport(transportId);
    this.#forgetTransport(transportId);
    await this.#sfu.closeTransport({ transportId });
  }

  /** Throws `producer-limit` when the source is sent already. */
  async createProducer(
    input: ClientRequestInput<"producer:create">,
  ): Promise<{ producerId: ProducerId }> {
    const { transportId, source, paused } = input;
    this.#useTransport(transportId, "send");
    const sent = [...this.#producers.values()].some((each) => each.source === source);
    if (sent || this.#openingSources.has(source)) throw new ProtocolError("producer-limit", source);
    this.#openingSources.add(source);
    try {
      const { producerId } = await this.#sfu.createProducer(input);
      if (!this.#transports.has(transportId))
        this.#quietly(this.#sfu.closeProducer({ producerId }));
      this.#assertOpen();
      this.#transport(transportId);
      const producer = { producerId, transportId, source, paused };
      this.#producers.set(producerId, producer);
      this.#directory.producers.set(producerId, this);
      this.events.emit("producer:opened", snapshot(producer));
      return { producerId };
    } finally {
      this.#openingSources.delete(source);
    }
  }

  /** The others are told at once, the SFU stops or starts the stream a moment later. */
  async setProducerPaused(producerId: ProducerId, paused: boolean): Promise<void> {
    const producer = this.#producer(producerId);
    if (producer.paused !== paused) {
      producer.paused = paused;
      this.events.emit(paused ? "producer:paused" : "producer:resumed", { producerId });
    }
    await this.#sfu.setProducerPaused({ producerId, paused });
  }

  async closeProducer(producerId: ProducerId): Promise<void> {
    this.#producer(producerId);
    this.#forgetProducer(producerId, "producer-closed");
    await this.#sfu.closeProducer({ producerId });
  }

  /**
   * Throws `producer-not-found` unless somebody else in the same room sends it. A second consumer
   * of the same producer takes the place of the first.
   */
  async createConsumer(input: ClientRequestInput<"consumer:create">): Promise<ConsumerDescription> {
    const { transportId, producerId } = input;
    this.#useTransport(transportId, "receive");
    this.#assertConsumable(producerId);
    if (this.#consumers.size + this.#openingConsumers >= this.#context.maxConsumers) {
      throw new ProtocolError("consumer-limit", `at most ${this.#context.maxConsumers}`);
    }
    this.#openingConsumers += 1;
    try {
      const description = await this.#sfu.createConsumer(input);
      this.#addConsumer({ consumerId: description.consumerId, producerId, transportId });
      return description;
    } finally {
      this.#openingConsumers -= 1;
    }
  }

  async setConsumerPaused(consumerId: ConsumerId, paused: boolean): Promise<void> {
    this.#consumer(consumerId);
    await this.#sfu.setConsumerPaused({ consumerId, paused });
  }

  async setPreferredLayers(input: ClientRequestInput<"consumer:set-layers">): Promise<void> {
    this.#consumer(input.consumerId);
    await this.#sfu.setPreferredLayers(input);
  }

  async requestKeyFrame(consumerId: ConsumerId): Promise<void> {
    this.#consumer(consumerId);
    await this.#sfu.requestKeyFrame({ consumerId });
  }

  async closeConsumer(consumerId: ConsumerId): Promise<void> {
    this.#consumer(consumerId);
    this.#forgetConsumer(consumerId);
    await this.#sfu.closeConsumer({ consumerId });
  }

  /** The worker that carried the transport is gone. */
  handleTransportClosed(transportId: TransportId): void {
    this.#forgetTransport(transportId, "worker-died");
    this.events.emit("transport:closed", { transportId, reason: "worker-died" });
  }

  handleProducerClosed(producerId: ProducerId): void {
    this.#forgetProducer(producerId, "worker-died");
  }

  handleConsumerClosed(event: NotificationPayload<"consumer:closed">): void {
    this.#forgetConsumer(event.consumerId);
    this.events.emit("consumer:closed", event);
  }

  /** Closes everything. The others are told of the participant's leaving, not of each producer. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.events.removeAllListeners();
    for (const transportId of [...this.#transports.keys()]) {
      this.#forgetTransport(transportId);
      this.#quietly(this.#sfu.closeTransport({ transportId }));
    }
  }

  #addConsumer(consumer: Consumer): void {
    const { consumerId, producerId, transportId } = consumer;
    try {
      this.#assertOpen();
      this.#transport(transportId);
      this.#assertConsumable(producerId);
    } catch (error) {
      this.#quietly(this.#sfu.closeConsumer({ consumerId }));
      throw error;
    }
    const former = [...this.#consumers.values()].find((each) => each.producerId === producerId);
    if (former !== undefined) this.#quietly(this.closeConsumer(former.consumerId));
    this.#consumers.set(consumerId, consumer);
    this.#directory.addConsumer(consumerId, producerId, this);
  }

  #forgetTransport(
    transportId: TransportId,
    reason: "producer-closed" | "worker-died" = "producer-closed",
  ): void {
    this.#transports.delete(transportId);
    this.#directory.transports.delete(transportId);
    for (const producer of [...this.#producers.values()]) {
      if (producer.transportId === transportId) this.#forgetProducer(producer.producerId, reason);
    }
    for (const consumer of [...this.#consumers.values()]) {
      if (consumer.transportId === transportId) this.#forgetConsumer(consumer.consumerId);
    }
  }

  #forgetProducer(producerId: ProducerId, reason: "producer-closed" | "worker-died"): void {
    this.#producers.delete(producerId);
    this.#directory.producers.delete(producerId);
    for (const consumerId of this.#directory.consumersOf(producerId)) {
      this.#directory.consumers.get(consumerId)?.handleConsumerClosed({ consumerId, reason });
    }
    this.events.emit("producer:closed", { producerId });
  }

  #forgetConsumer(consumerId: ConsumerId): void {
    const consumer = this.#consumers.get(consumerId);
    if (consumer === undefined) return;
    this.#consumers.delete(consumerId);
    this.#directory.removeConsumer(consumerId, consumer.producerId);
  }

  #transport(transportId: TransportId, direction?: TransportDirection): Transport {
    const transport = this.#transports.get(transportId);
    if (transport === undefined) throw new ProtocolError("transport-not-found");
    if (direction !== undefined && transport.direction !== direction) {
      throw new ProtocolError("bad-request", `transportId: not a transport to ${direction} on`);
    }
    return transport;
  }

  #useTransport(transportId: TransportId, direction?: TransportDirection): void {
    this.#transport(transportId, direction).used = true;
  }

  #producer(producerId: ProducerId): Producer {
    const producer = this.#producers.get(producerId);
    if (producer === undefined) throw new ProtocolError("producer-not-found");
    return producer;
  }

  #consumer(consumerId: ConsumerId): Consumer {
    const consumer = this.#consumers.get(consumerId);
    if (consumer === undefined) throw new ProtocolError("consumer-not-found");
    return consumer;
  }

  #assertConsumable(producerId: ProducerId): void {
    const owner = this.#directory.producers.get(producerId);
    if (owner === undefined || owner === this || owner.roomId !== this.roomId) {
      throw new ProtocolError("producer-not-found");
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new ProtocolError("not-joined");
  }

  #quietly(closing: Promise<void>): void {
    closing.catch(this.#context.onError);
  }
}

function snapshot({ producerId, source, paused }: Producer): ProducerSnapshot {
  return { producerId, source, paused };
}
