import type { CallState } from "./call-state.ts";

/** The present picture of a call, and who wants to know of the next one. */
export class CallSnapshot {
  readonly #view: (before: CallState | undefined) => CallState;
  readonly #listeners = new Set<() => void>();
  #state: CallState;
  #isPending = false;
  #isClosed = false;

  constructor(view: (before: CallState | undefined) => CallState) {
    this.#view = view;
    this.#state = view(undefined);
  }

  get state(): CallState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** One new picture for all changes of a turn of the event loop. */
  refresh(): void {
    if (this.#isPending || this.#isClosed) return;
    this.#isPending = true;
    queueMicrotask(() => {
      this.#isPending = false;
      if (!this.#isClosed) this.#publish();
    });
  }

  /** The last picture, at once. */
  close(): void {
    this.#isClosed = true;
    this.#publish();
    this.#listeners.clear();
  }

  #publish(): void {
    this.#state = this.#view(this.#state);
    for (const listener of [...this.#listeners]) listener();
  }
}
