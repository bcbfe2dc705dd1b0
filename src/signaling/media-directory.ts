import type { ConsumerId, ProducerId, TransportId } from "../protocol/index.ts";
import type { ParticipantMedia } from "./participant-media.ts";

/** Whose a transport, producer or consumer is: the SFU's events name only its id. */
export class MediaDirectory {
  readonly transports = new Map<TransportId, ParticipantMedia>();
  readonly producers = new Map<ProducerId, ParticipantMedia>();
  readonly consumers = new Map<ConsumerId, ParticipantMedia>();
  readonly #consumersOf = new Map<ProducerId, Set<ConsumerId>>();

  /** Entries of all kinds: zero means that nothing was left behind. */
  get size(): number {
    return (
      this.transports.size + this.producers.size + this.consumers.size + this.#consumersOf.size
    );
  }

  consumersOf(producerId: ProducerId): readonly ConsumerId[] {
    return [...(this.#consumersOf.get(producerId) ?? [])];
  }

  addConsumer(consumerId: ConsumerId, producerId: ProducerId, owner: ParticipantMedia): void {
    this.consumers.set(consumerId, owner);
    const siblings = this.#consumersOf.get(producerId) ?? new Set();
    this.#consumersOf.set(producerId, siblings);
    siblings.add(consumerId);
  }

  removeConsumer(consumerId: ConsumerId, producerId: ProducerId): void {
    this.consumers.delete(consumerId);
    const siblings = this.#consumersOf.get(producerId);
    siblings?.delete(consumerId);
    if (siblings?.size === 0) this.#consumersOf.delete(producerId);
  }
}
