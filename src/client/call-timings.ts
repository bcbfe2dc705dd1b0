/** The stages of joining, in the order in which they usually end. */
export type JoinStage = "socket" | "join" | "group" | "transport";

/** Milliseconds from the call of `joinCall` to the end of each stage that has ended. */
export type JoinTimings = Readonly<Partial<Record<JoinStage, number>>>;

/**
 * Measures one joining by the browser's monotonic clock. Each end is a mark of the page's timeline
 * too (W3C User Timing), named `aparte:` and the stage.
 */
export class CallTimings {
  readonly #startMs = performance.now();
  #stages: JoinTimings = {};

  get stages(): JoinTimings {
    return this.#stages;
  }

  /** Only the first end of a stage counts. */
  end(stage: JoinStage): void {
    if (this.#stages[stage] !== undefined) return;
    const { startTime } = performance.mark(`aparte:${stage}`);
    this.#stages = { ...this.#stages, [stage]: startTime - this.#startMs };
  }
}
