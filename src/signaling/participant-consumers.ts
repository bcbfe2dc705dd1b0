import type { ClientRequestInput, ConsumerId, ProducerId, TransportId } from "../protocol/index.ts";
import { LIMITS, ProtocolError } from "../protocol/index.ts";
import type { SharedMedia } from "./media-context.ts";
import { assertStaying, closeQuietly } from "./media-context.ts";
import type { ParticipantMedia } from "./participant-media.ts";
import type { ParticipantTransports } from "./participant-transports.ts";
import type { ConsumerDescription } from "./ports.ts";

interface Consumer {
  readonly consumerId: ConsumerId;
  readonly producerId: ProducerId;
  readonly transportId: TransportId;
  paused: boolean;
  /** The highest one that it takes. */
  spatialLayer: number;
}

/** What a consumer takes until it says otherwise. */
const TOP_LAYER = LIMITS.encodings - 1;

/** What one participant receives, at most one stream of each producer. */
export class ParticipantConsumers {
  readonly #owner: ParticipantMedia;
  readonly #shared: SharedMedia;
  readonly #transports: ParticipantTransports;
  readonly #consumers = new Map<ConsumerId, Consumer>();
  #opening = 0;

  constructor(owner: ParticipantMedia, shared: SharedMedia, transports: ParticipantTransports) {
    this.#owner = owner;
    this.#shared = shared;
    this.#transports = transports;
  }

  /**
   * Throws `producer-not-found` unless somebody else in the same room sends it. A second consumer
   * of the same producer takes the place of the first.
   */
  async create(input: ClientRequestInput<"consumer:create">): Promise<ConsumerDescription> {
    const { transportId, producerId } = input;
    const { sfu, maxConsumers } = this.#shared.context;
    this.#transports.use(transportId, "receive");
    this.#assertConsumable(producerId);
    if (this.#consumers.size + this.#opening >= maxConsumers) {
      throw new ProtocolError("consumer-limit", `at most ${maxConsumers}`);
    }
    this.#opening += 1;
    try {
      const description = await sfu.createConsumer(input);
      const { consumerId } = description;
      const view = { paused: true, spatialLayer: TOP_LAYER };
      this.#add({ consumerId, producerId, transportId, ...view });
      return description;
    } finally {
      this.#opening -= 1;
    }
  }

  async setPaused(consumerId: ConsumerId, paused: boolean): Promise<void> {
    const consumer = this.#own(consumerId);
    consumer.paused = paused;
    this.#tellWanted(consumer);
    await this.#shared.context.sfu.setConsumerPaused({ consumerId, paused });
  }

  async setPreferredLayers(input: ClientRequestInput<"consumer:set-layers">): Promise<void> {
    const consumer = this.#own(input.consumerId);
    consumer.spatialLayer = input.spatialLayer;
    this.#tellWanted(consumer);
    await this.#shared.context.sfu.setPreferredLayers(input);
  }

  async requestKeyFrame(consumerId: ConsumerId): Promise<void> {
    this.#own(consumerId);
    await this.#shared.context.sfu.requestKeyFrame({ consumerId });
  }

  async close(consumerId: ConsumerId): Promise<void> {
    this.#own(consumerId);
    this.forget(consumerId);
    await this.#shared.context.sfu.closeConsumer({ consumerId });
  }

  /** The consumer is gone in the SFU, or about to go. */
  forget(consumerId: ConsumerId): void {
    const consumer = this.#consumers.get(consumerId);
    if (consumer === undefined) return;
    this.#consumers.delete(consumerId);
    this.#shared.context.directory.removeConsumer(consumerId, consumer.producerId);
  }

  forgetOn(transportId: TransportId): void {
    for (const consumer of [...this.#consumers.values()]) {
      if (consumer.transportId === transportId) this.forget(consumer.consumerId);
    }
  }

  #add(consumer: Consumer): void {
    const { consumerId, producerId, transportId } = consumer;
    const { sfu, directory } = this.#shared.context;
    try {
      assertStaying(this.#shared);
      this.#transports.find(transportId);
      this.#assertConsumable(producerId);
    } catch (error) {
      closeQuietly(this.#shared, sfu.closeConsumer({ consumerId }));
      throw error;
    }
    const former = directory.consumersOf(producerId).find((id) => this.#consumers.has(id));
    if (former !== undefined) closeQuietly(this.#shared, this.close(former));
    this.#consumers.set(consumerId, consumer);
    directory.addConsumer(consumerId, producerId, this.#owner);
  }

  #own(consumerId: ConsumerId): Consumer {
    const consumer = this.#consumers.get(consumerId);
    if (consumer === undefined) throw new ProtocolError("consumer-not-found");
    return consumer;
  }

  #tellWanted({ consumerId, producerId, paused, spatialLayer }: Consumer): void {
    const { directory } = this.#shared.context;
    directory.setWanted(consumerId, producerId, paused ? null : spatialLayer);
  }

  #assertConsumable(producerId: ProducerId): void {
    const { directory, roomId } = this.#shared.context;
    const sender = directory.producers.get(producerId);
    if (sender === undefined || sender === this.#owner || sender.roomId !== roomId) {
      throw new ProtocolError("producer-not-found");
    }
  }
}
