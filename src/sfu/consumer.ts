import type { types } from "mediasoup";
import { Emitter } from "../lib/emitter.ts";
import type { Scope } from "../lib/scope.ts";
import type { ConsumerId } from "../protocol/index.ts";
import { rtpParameters } from "../protocol/index.ts";
import type { CloseReason } from "./close-reason.ts";
import { plainData } from "./plain-data.ts";
import type { Producer } from "./producer.ts";
import type { SentLayers } from "./sfu-events.ts";

export interface ConsumerOptions {
  readonly consumer: types.Consumer;
  readonly producer: Producer;
  /** Holds already what the consumer has to give back; ends when it closes. */
  readonly scope: Scope;
}

interface ConsumerEvents {
  closed: { reason: CloseReason };
  layers: { layers: SentLayers };
}

/**
 * A stream that a participant receives.
 *
 * Owned by its Transport; its Producer closes it too, whichever goes first. It owns mediasoup's
 * consumer and a hold on the producer's pipe to its worker. `closed` is told once, last, with the reason.
 */
export class Consumer {
  readonly producer: Producer;
  readonly events = new Emitter<ConsumerEvents>();
  readonly #consumer: types.Consumer;
  readonly #scope: Scope;

  constructor({ consumer, producer, scope }: ConsumerOptions) {
    this.producer = producer;
    this.#consumer = consumer;
    this.#scope = scope;
    this.#scope.add(producer.adopt(this));
    consumer.on("layerschange", (layers) => {
      this.events.emit("layers", { layers: sentLayers(layers) });
    });
  }

  get id(): ConsumerId {
    return this.#consumer.id;
  }

  get closed(): boolean {
    return this.#scope.ended;
  }

  /** What the client needs to receive it, free of what is mediasoup's own. */
  describe() {
    return {
      consumerId: this.id,
      producerId: this.producer.id,
      kind: this.#consumer.kind,
      rtpParameters: rtpParameters.parse(plainData(this.#consumer.rtpParameters)),
      producerPaused: this.producer.paused,
    };
  }

  /** A video that is resumed begins with a key frame, which the worker asks for. */
  async setPaused(paused: boolean): Promise<void> {
    this.#scope.assertOpen();
    await (paused ? this.#consumer.pause() : this.#consumer.resume());
  }

  /** The highest layers to be sent; higher ones than there are mean the highest. */
  async setPreferredLayers(layers: NonNullable<SentLayers>): Promise<void> {
    this.#scope.assertOpen();
    if (this.#consumer.kind === "audio") return;
    await this.#consumer.setPreferredLayers(layers);
  }

  async requestKeyFrame(): Promise<void> {
    this.#scope.assertOpen();
    if (this.#consumer.kind === "audio") return;
    await this.#consumer.requestKeyFrame();
  }

  close(reason: CloseReason): void {
    if (!this.#scope.end(reason)) return;
    this.events.emit("closed", { reason });
    this.events.removeAllListeners();
  }
}

function sentLayers(layers: types.ConsumerLayers | undefined): SentLayers {
  if (layers === undefined) return null;
  return { spatialLayer: layers.spatialLayer, temporalLayer: layers.temporalLayer ?? 0 };
}
