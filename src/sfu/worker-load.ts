export type LoadKind = "participants" | "transports" | "producers" | "consumers" | "pipes";

/** What one worker carries, counted by those who use it. */
export class WorkerLoad {
  readonly #counts: Record<LoadKind, number> = {
    participants: 0,
    transports: 0,
    producers: 0,
    consumers: 0,
    pipes: 0,
  };

  of(kind: LoadKind): number {
    return this.#counts[kind];
  }

  /** Counts one more; the returned function takes it off again, once. */
  take(kind: LoadKind): () => void {
    this.#counts[kind] += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#counts[kind] -= 1;
    };
  }
}
