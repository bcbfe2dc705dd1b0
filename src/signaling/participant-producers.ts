import type {
  ClientRequestInput,
  MediaSource,
  ProducerId,
  ProducerSnapshot,
  TransportId,
} from "../protocol/index.ts";
import { KIND_OF_SOURCE, ProtocolError } from "../protocol/index.ts";
import type { CloseReason, SharedMedia } from "./media-context.ts";
import { assertStaying, closeQuietly } from "./media-context.ts";
import type { WantedLayer } from "./media-directory.ts";
import type { ParticipantMedia } from "./participant-media.ts";
import type { ParticipantTransports } from "./participant-transports.ts";

interface Producer {
  readonly producerId: ProducerId;
  readonly transportId: TransportId;
  readonly source: MediaSource;
  paused: boolean;
  /** The highest layer that anybody receives. */
  wanted: WantedLayer;
}

/** What one participant sends, at most one stream of each source. */
export class ParticipantProducers {
  readonly #owner: ParticipantMedia;
  readonly #shared: SharedMedia;
  readonly #transports: ParticipantTransports;
  readonly #producers = new Map<ProducerId, Producer>();
  readonly #opening = new Set<MediaSource>();

  constructor(owner: ParticipantMedia, shared: SharedMedia, transports: ParticipantTransports) {
    this.#owner = owner;
    this.#shared = shared;
    this.#transports = transports;
  }

  get snapshot(): ProducerSnapshot[] {
    return [...this.#producers.values()].map(snapshotOf);
  }

  /** Throws `producer-limit` when the source is sent already. */
  async create(input: ClientRequestInput<"producer:create">): Promise<{ producerId: ProducerId }> {
    const { transportId, source, paused } = input;
    const { sfu, directory } = this.#shared.context;
    this.#transports.use(transportId, "send");
    const sent = [...this.#producers.values()].some((each) => each.source === source);
    if (sent || this.#opening.has(source)) throw new ProtocolError("producer-limit", source);
    this.#opening.add(source);
    try {
      const { producerId } = await sfu.createProducer(input);
      if (!this.#transports.has(transportId)) {
        closeQuietly(this.#shared, sfu.closeProducer({ producerId }));
      }
      assertStaying(this.#shared);
      this.#transports.find(transportId);
      const producer = { producerId, transportId, source, paused, wanted: null };
      this.#producers.set(producerId, producer);
      directory.producers.set(producerId, this.#owner);
      this.#shared.events.emit("producer:opened", snapshotOf(producer));
      return { producerId };
    } finally {
      this.#opening.delete(source);
    }
  }

  /** The others are told at once, the SFU stops or starts the stream a moment later. */
  async setPaused(producerId: ProducerId, paused: boolean): Promise<void> {
    const producer = this.#find(producerId);
    if (producer.paused !== paused) {
      producer.paused = paused;
      this.#shared.events.emit(paused ? "producer:paused" : "producer:resumed", { producerId });
    }
    await this.#shared.context.sfu.setProducerPaused({ producerId, paused });
  }

  /** The owner need not send what nobody receives. */
  setWanted(producerId: ProducerId, spatialLayer: WantedLayer): void {
    const producer = this.#producers.get(producerId);
    if (producer === undefined || producer.wanted === spatialLayer) return;
    producer.wanted = spatialLayer;
    if (KIND_OF_SOURCE[producer.source] === "audio") return;
    this.#shared.events.emit("producer:layers", { producerId, spatialLayer });
  }

  async close(producerId: ProducerId): Promise<void> {
    this.#find(producerId);
    this.forget(producerId, "producer-closed");
    await this.#shared.context.sfu.closeProducer({ producerId });
  }

  /** The producer is gone in the SFU, or about to go, and with it those who consume it. */
  forget(producerId: ProducerId, reason: CloseReason): void {
    const { directory } = this.#shared.context;
    this.#producers.delete(producerId);
    directory.producers.delete(producerId);
    for (const consumerId of directory.consumersOf(producerId)) {
      directory.consumers.get(consumerId)?.handleConsumerClosed({ consumerId, reason });
    }
    this.#shared.events.emit("producer:closed", { producerId });
  }

  forgetOn(transportId: TransportId, reason: CloseReason): void {
    for (const producer of [...this.#producers.values()]) {
      if (producer.transportId === transportId) this.forget(producer.producerId, reason);
    }
  }

  #find(producerId: ProducerId): Producer {
    const producer = this.#producers.get(producerId);
    if (producer === undefined) throw new ProtocolError("producer-not-found");
    return producer;
  }
}

function snapshotOf({ producerId, source, paused }: Producer): ProducerSnapshot {
  return { producerId, source, paused };
}
