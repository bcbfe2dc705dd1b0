/** Counts who needs a resource, and says when nobody does any more. */
export class Holders {
  readonly #onUnused: () => void;
  #count = 0;

  constructor(onUnused: () => void) {
    this.#onUnused = onUnused;
  }

  /** One more holder, until the returned function is called. */
  add(): () => void {
    this.#count += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#count -= 1;
      if (this.#count === 0) this.#onUnused();
    };
  }
}
