/** What has been opened, to be closed in reverse order, once. */
export class ClosingStack {
  #closers: { what: string; close: () => Promise<void> | void }[] = [];
  #closing: Promise<void> | undefined;
  readonly #onError: (what: string, error: unknown) => void;

  /** What fails to close is told to `onError` and does not keep the rest from being closed. */
  constructor(onError: (what: string, error: unknown) => void) {
    this.#onError = onError;
  }

  add(what: string, close: () => Promise<void> | void): void {
    this.#closers.push({ what, close });
  }

  /** Never rejects. Later calls wait for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const closers = this.#closers.reverse();
    this.#closers = [];
    for (const { what, close } of closers) {
      try {
        await close();
      } catch (error) {
        this.#onError(what, error);
      }
    }
  }
}
