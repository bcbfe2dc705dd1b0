import type { types } from "mediasoup";
import type { Scope } from "../lib/scope.ts";
import { SerialQueue } from "../lib/serial-queue.ts";
import type { MediaKind, ProducerId, RtpCapabilities } from "../protocol/index.ts";
import type { CloseReason } from "./close-reason.ts";
import type { Consumer } from "./consumer.ts";
import { Pipe } from "./pipe.ts";
import type { Room } from "./room.ts";
import type { RoomRouter } from "./room-router.ts";

export interface ProducerOptions {
  readonly room: Room;
  readonly router: RoomRouter;
  /** The same router, as mediasoup knows it. */
  readonly mediaRouter: types.Router;
  readonly producer: types.Producer;
  /** Holds already what the producer has to give back; ends when it closes. */
  readonly scope: Scope;
}

/**
 * A stream that a participant sends.
 *
 * Owned by its Transport, which closes it. It closes first its consumers, wherever they are, with
 * `producer-closed`, or `worker-died` when that is why it closes itself; then its pipes to other
 * workers; then mediasoup's producer. It tells nobody: who closes it knows, and so do its consumers.
 */
export class Producer {
  readonly room: Room;
  readonly #router: RoomRouter;
  readonly #mediaRouter: types.Router;
  readonly #producer: types.Producer;
  readonly #scope: Scope;
  readonly #consumers = new Set<Consumer>();
  readonly #pipes = new Map<RoomRouter, Pipe>();
  readonly #pausing = new SerialQueue("producer");
  #paused: boolean;

  constructor({ room, router, mediaRouter, producer, scope }: ProducerOptions) {
    this.room = room;
    this.#router = router;
    this.#mediaRouter = mediaRouter;
    this.#producer = producer;
    this.#paused = producer.paused;
    this.#scope = scope;
    this.#scope.add(() => {
      const reason = this.#scope.endReason === "worker-died" ? "worker-died" : "producer-closed";
      this.#pausing.close(reason);
      for (const consumer of [...this.#consumers]) consumer.close(reason);
      for (const pipe of [...this.#pipes.values()]) pipe.close(reason);
    });
  }

  get id(): ProducerId {
    return this.#producer.id;
  }

  get kind(): MediaKind {
    return this.#producer.kind;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get closed(): boolean {
    return this.#scope.ended;
  }

  assertOpen(): void {
    this.#scope.assertOpen();
  }

  /** Wherever the consumer will be: all routers have the same capabilities. */
  isConsumableWith(rtpCapabilities: RtpCapabilities): boolean {
    return this.#mediaRouter.canConsume({ producerId: this.id, rtpCapabilities });
  }

  /**
   * Makes this producer known at `router`, by a pipe if that is on another worker, until the
   * returned function is called. Rejects with `ClosedError` or with what the worker answered.
   */
  async holdAt(router: RoomRouter): Promise<() => void> {
    this.#scope.assertOpen();
    if (router === this.#router) return () => {};
    const pipe = this.#pipeTo(router);
    const release = pipe.hold();
    try {
      await pipe.ready();
      // The producer may have been paused or resumed while the pipe was being made.
      await this.#pausing.run(() => pipe.setPaused(this.#paused));
      this.#scope.assertOpen();
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Closes `consumer` when the producer closes, unless the returned function was called before. */
  adopt(consumer: Consumer): () => void {
    this.#scope.assertOpen();
    this.#consumers.add(consumer);
    return () => {
      this.#consumers.delete(consumer);
    };
  }

  /** A paused producer is silent everywhere, whatever its sender does. */
  async setPaused(paused: boolean): Promise<void> {
    await this.#pausing.run(async () => {
      this.#scope.assertOpen();
      this.#paused = paused;
      if (this.#producer.paused !== paused) {
        await (paused ? this.#producer.pause() : this.#producer.resume());
      }
      const pipes = [...this.#pipes.values()];
      // A pipe that can't follow is on its way down together with its consumers.
      await Promise.allSettled(pipes.map((pipe) => pipe.setPaused(paused)));
    });
  }

  /** For all who receive it. Rejects when one of them closes meanwhile. */
  async requestKeyFrame(): Promise<void> {
    this.#scope.assertOpen();
    await Promise.all([...this.#consumers].map((consumer) => consumer.requestKeyFrame()));
  }

  close(reason: CloseReason): void {
    this.#scope.end(reason);
  }

  /** Calls back when the producer has closed. */
  onClosed(listener: () => void): void {
    this.#scope.add(listener);
  }

  #pipeTo(target: RoomRouter): Pipe {
    const existing = this.#pipes.get(target);
    if (existing !== undefined) return existing;
    const pipe = new Pipe({
      producer: this.#producer,
      origin: this.#router,
      target,
      link: this.room.linkBetween(this.#router, target),
      onClosed: () => {
        if (this.#pipes.get(target) === pipe) this.#pipes.delete(target);
      },
    });
    this.#pipes.set(target, pipe);
    return pipe;
  }
}
