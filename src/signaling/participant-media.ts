import { Emitter } from "../lib/emitter.ts";
import type { NotificationPayload, ProducerId, RoomId, TransportId } from "../protocol/index.ts";
import type { MediaEvents, ParticipantMediaContext, SharedMedia } from "./media-context.ts";
import { closeQuietly } from "./media-context.ts";
import type { WantedLayer } from "./media-directory.ts";
import { ParticipantConsumers } from "./participant-consumers.ts";
import { ParticipantProducers } from "./participant-producers.ts";
import { ParticipantTransports } from "./participant-transports.ts";

/**
 * The transports, producers and consumers of one participant. Every id that a client names is
 * looked up here, so that nobody reaches what is another's. After each call of the SFU it is
 * asked whether what the call was for is still there, and what came too late is closed.
 */
export class ParticipantMedia {
  readonly events = new Emitter<MediaEvents>();
  readonly roomId: RoomId;
  readonly transports: ParticipantTransports;
  readonly producers: ParticipantProducers;
  readonly consumers: ParticipantConsumers;
  readonly #shared: SharedMedia;
  #closed = false;

  constructor(context: ParticipantMediaContext) {
    this.roomId = context.roomId;
    this.#shared = { context, events: this.events, closed: () => this.#closed };
    this.transports = new ParticipantTransports(this, this.#shared, (transportId, reason) => {
      this.producers.forgetOn(transportId, reason);
      this.consumers.forgetOn(transportId);
    });
    this.producers = new ParticipantProducers(this, this.#shared, this.transports);
    this.consumers = new ParticipantConsumers(this, this.#shared, this.transports);
  }

  /** The worker that carried the transport is gone. */
  handleTransportClosed(transportId: TransportId): void {
    this.transports.forget(transportId, "worker-died");
    this.events.emit("transport:closed", { transportId, reason: "worker-died" });
  }

  handleProducerClosed(producerId: ProducerId): void {
    this.producers.forget(producerId, "worker-died");
  }

  /** What the others want of one of the producers has changed, or been said again. */
  handleWanted(producerId: ProducerId, layer: WantedLayer): void {
    this.producers.setWanted(producerId, layer);
  }

  handleConsumerClosed(event: NotificationPayload<"consumer:closed">): void {
    this.consumers.forget(event.consumerId);
    this.events.emit("consumer:closed", event);
  }

  /** Closes everything. The others are told of the participant's leaving, not of each producer. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.events.removeAllListeners();
    const { sfu } = this.#shared.context;
    for (const transportId of this.transports.ids) {
      this.transports.forget(transportId, "producer-closed");
      closeQuietly(this.#shared, sfu.closeTransport({ transportId }));
    }
  }
}
