import type { OpenRefusal } from "../frame/outcomes.ts";

export interface TroubleListener {
  trouble(cause: OpenRefusal): void;
  recovered(): void;
}

/**
 * Tells when a stream cannot be opened any more, and when it can again. Single frames are lost in
 * every call, so it takes some refusals in a row; a replayed frame, or one from before this client
 * came, says nothing either way.
 */
export class TroubleMonitor {
  readonly #afterFrames: number;
  readonly #listener: TroubleListener;
  #refusedInARow = 0;
  #toldCause: OpenRefusal | undefined;

  constructor(afterFrames: number, listener: TroubleListener) {
    this.#afterFrames = afterFrames;
    this.#listener = listener;
  }

  refused(cause: OpenRefusal): void {
    if (cause === "replayed" || cause === "earlier-epoch") return;
    this.#refusedInARow += 1;
    if (this.#refusedInARow < this.#afterFrames || this.#toldCause === cause) return;
    this.#toldCause = cause;
    this.#listener.trouble(cause);
  }

  opened(): void {
    this.#refusedInARow = 0;
    if (this.#toldCause === undefined) return;
    this.#toldCause = undefined;
    this.#listener.recovered();
  }
}
