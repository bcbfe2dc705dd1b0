/** A value that can be read and watched; fits React's `useSyncExternalStore`. */
export interface Readable<State> {
  readonly get: () => State;
  /** Returns the function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** Holds one immutable value and tells its listeners after each change. */
export class Store<State> implements Readable<State> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(initial: State) {
    this.#state = initial;
  }

  // Arrow functions, so that a view can hand them on without binding.
  readonly get = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    // Wrapped, so that the same listener may subscribe twice.
    const entry = () => {
      listener();
    };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  };

  set(next: State): void {
    if (Object.is(next, this.#state)) return;
    this.#state = next;
    for (const listener of [...this.#listeners]) listener();
  }

  patch(change: Partial<State>): void {
    this.set({ ...this.#state, ...change });
  }
}
