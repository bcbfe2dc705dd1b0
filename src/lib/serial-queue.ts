import { ClosedError } from "./closed-error.ts";

/** Runs asynchronous tasks one after another, in the order in which they were given. */
export class SerialQueue {
  readonly #what: string;
  #tail: Promise<unknown> = Promise.resolve();
  #closeReason: string | undefined;
  #size = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** Tasks that wait or run. */
  get size(): number {
    return this.#size;
  }

  /** Resolves or rejects as the task does; rejects with `ClosedError` if the queue closes before its turn. */
  run<Result>(task: () => Promise<Result> | Result): Promise<Result> {
    this.#size += 1;
    const turn = this.#tail.then(() => {
      if (this.#closeReason !== undefined) throw new ClosedError(this.#what, this.#closeReason);
      return task();
    });
    this.#tail = turn.then(
      () => (this.#size -= 1),
      () => (this.#size -= 1),
    );
    return turn;
  }

  /** Tasks that have not begun are refused. The one that runs is left to end. */
  close(reason: string): void {
    this.#closeReason ??= reason;
  }
}
