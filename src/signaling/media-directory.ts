import type { ConsumerId, ProducerId, TransportId } from "../protocol/index.ts";
import type { ParticipantMedia } from "./participant-media.ts";

/** A spatial layer, 0 the lowest; null for none at all. */
export type WantedLayer = number | null;

/** Whose a transport, producer or consumer is: the SFU's events name only its id. */
export class MediaDirectory {
  readonly transports = new Map<TransportId, ParticipantMedia>();
  readonly producers = new Map<ProducerId, ParticipantMedia>();
  readonly consumers = new Map<ConsumerId, ParticipantMedia>();
  readonly #consumersOf = new Map<ProducerId, Map<ConsumerId, WantedLayer>>();

  /** Entries of all kinds: zero means that nothing was left behind. */
  get size(): number {
    return (
      this.transports.size + this.producers.size + this.consumers.size + this.#consumersOf.size
    );
  }

  consumersOf(producerId: ProducerId): readonly ConsumerId[] {
    return [...(this.#consumersOf.get(producerId)?.keys() ?? [])];
  }

  /** A consumer begins paused: nothing is wanted of the producer yet. */
  addConsumer(consumerId: ConsumerId, producerId: ProducerId, owner: ParticipantMedia): void {
    this.consumers.set(consumerId, owner);
    const siblings = this.#consumersOf.get(producerId) ?? new Map<ConsumerId, WantedLayer>();
    this.#consumersOf.set(producerId, siblings);
    siblings.set(consumerId, null);
  }

  removeConsumer(consumerId: ConsumerId, producerId: ProducerId): void {
    this.consumers.delete(consumerId);
    const siblings = this.#consumersOf.get(producerId);
    siblings?.delete(consumerId);
    if (siblings?.size === 0) this.#consumersOf.delete(producerId);
    this.#tellSender(producerId);
  }

  /** Says what a consumer takes at most of its producer, whose owner learns if that matters. */
  setWanted(consumerId: ConsumerId, producerId: ProducerId, layer: WantedLayer): void {
    const siblings = this.#consumersOf.get(producerId);
    if (siblings?.has(consumerId) !== true) return;
    siblings.set(consumerId, layer);
    this.#tellSender(producerId);
  }

  #tellSender(producerId: ProducerId): void {
    const wanted = [...(this.#consumersOf.get(producerId)?.values() ?? [])].filter(
      (layer) => layer !== null,
    );
    const highest = wanted.length === 0 ? null : Math.max(...wanted);
    this.producers.get(producerId)?.handleWanted(producerId, highest);
  }
}
