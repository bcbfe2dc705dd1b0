import { ProtocolError } from "../protocol/index.ts";
import type { MediaWorker } from "./media-worker.ts";

/**
 * Where a participant's transports are: both directions on one worker, so that one worker's death
 * takes them together and what they receive from their neighbours there needs no pipe.
 *
 * Made by the Room with the first transport; gone with the last one, which calls `onVacated`.
 */
export class ParticipantPlace {
  readonly worker: MediaWorker;
  readonly #maxTransports: number;
  readonly #onVacated: () => void;
  readonly #releaseLoad: () => void;
  #transports = 0;

  constructor(worker: MediaWorker, maxTransports: number, onVacated: () => void) {
    this.worker = worker;
    this.#maxTransports = maxTransports;
    this.#onVacated = onVacated;
    this.#releaseLoad = worker.load.take("participants");
  }

  /** Counts a transport until the returned function is called. Throws `transport-exists`. */
  enter(): () => void {
    if (this.#transports >= this.#maxTransports) throw new ProtocolError("transport-exists");
    this.#transports += 1;
    return () => {
      this.#transports -= 1;
      if (this.#transports > 0) return;
      this.#releaseLoad();
      this.#onVacated();
    };
  }
}
