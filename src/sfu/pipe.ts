import type { types } from "mediasoup";
import { Scope } from "../lib/scope.ts";
import type { CloseReason } from "./close-reason.ts";
import type { PipeLink } from "./pipe-link.ts";
import type { RoomRouter } from "./room-router.ts";
import { Holders } from "./holders.ts";

export interface PipeOptions {
  readonly producer: types.Producer;
  readonly origin: RoomRouter;
  readonly target: RoomRouter;
  readonly link: PipeLink;
  readonly onClosed: () => void;
}

/**
 * One producer carried to the router of its room on another worker, with all of its simulcast
 * layers, under the same id: a consumer there finds it as if it were its own.
 *
 * Owned by the Producer, which closes it, and hears `onClosed`. It lives as long as consumers on
 * the target hold it; when the last one lets go it closes with `unused`. It closes with the target
 * too: nobody is told, since who held it went with the target. It owns the consumer at the near
 * end of the link and the producer at the far end.
 */
export class Pipe {
  readonly #options: PipeOptions;
  readonly #scope = new Scope("pipe");
  readonly #ready: Promise<types.Producer>;
  readonly #holders = new Holders(() => {
    this.close("unused");
  });

  constructor(options: PipeOptions) {
    this.#options = options;
    const { origin, target, link, onClosed } = options;
    this.#scope.add(target.adopt(this));
    this.#scope.add(link.hold());
    this.#scope.add(origin.worker.load.take("pipes"));
    this.#scope.add(target.worker.load.take("pipes"));
    this.#scope.add(onClosed);
    this.#ready = this.#open();
    this.#ready.catch(() => {});
  }

  /** Keeps the pipe open until the returned function is called. */
  hold(): () => void {
    this.#scope.assertOpen();
    return this.#holders.add();
  }

  /** Resolves when consumers can be made on the target. */
  async ready(): Promise<void> {
    await this.#ready;
    this.#scope.assertOpen();
  }

  /** To be called one after another. A pipe that closes meanwhile has no more to be paused. */
  async setPaused(paused: boolean): Promise<void> {
    const producer = await this.#ready;
    if (this.#scope.ended || producer.paused === paused) return;
    await (paused ? producer.pause() : producer.resume());
  }

  close(reason: CloseReason): void {
    this.#scope.end(reason);
  }

  async #open(): Promise<types.Producer> {
    try {
      const { producer, origin, link } = this.#options;
      const { near, far } = await link.ends(origin);
      const consumer = await near.consume({ producerId: producer.id });
      this.#scope.add(() => {
        consumer.close();
      });
      this.#scope.assertOpen();
      const piped = await far.produce({
        id: producer.id,
        kind: consumer.kind,
        rtpParameters: consumer.rtpParameters,
        paused: consumer.producerPaused,
        // Key frames are counted out where the sender is; a second wait here would add to that.
        keyFrameRequestDelay: 0,
      });
      this.#scope.add(() => {
        piped.close();
      });
      this.#scope.assertOpen();
      return piped;
    } catch (error) {
      this.close("unused");
      throw error;
    }
  }
}
