type Listener<Payload> = (payload: Payload) => void;

/**
 * Events by name, each with one payload. `Events` maps names to payload types, so that both
 * `emit` and `on` are checked by the compiler.
 *
 * A listener that throws does not keep the others from being told: its error goes to `onError`,
 * which by default rethrows it outside of the emitting call.
 */
export class Emitter<Events extends object> {
  #listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {};
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void = rethrowLater) {
    this.#onError = onError;
  }

  /** Returns the function that removes the listener again. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners: Set<Listener<Events[Name]>> = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const remove = this.on(name, (payload) => {
      remove();
      listener(payload);
    });
    return remove;
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    // A copy, so that a listener may add or remove others meanwhile.
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(payload);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  listenerCount(name: keyof Events): number {
    return this.#listeners[name]?.size ?? 0;
  }

  removeAllListeners(): void {
    this.#listeners = {};
  }
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
