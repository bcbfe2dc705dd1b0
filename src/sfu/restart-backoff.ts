const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
/** A worker that has run for so long was no failure of its start. */
const PROVEN_AFTER_MS = 60_000;

/**
 * How long to wait before a worker that died is started again. The first time not at all, so that
 * calls recover at once; when it dies again soon, from 250 ms on twice as long each time, up to
 * 30 s, so that a worker that cannot run does not eat the machine.
 */
export class RestartBackoff {
  #failures = 0;
  #startedAtMs: number | undefined;

  started(nowMs: number): void {
    this.#startedAtMs = nowMs;
  }

  /** Tells of a death or of a start that failed; returns the milliseconds to wait. */
  failed(nowMs: number): number {
    if (this.#startedAtMs !== undefined && nowMs - this.#startedAtMs >= PROVEN_AFTER_MS) {
      this.#failures = 0;
    }
    this.#startedAtMs = undefined;
    const failures = this.#failures;
    this.#failures += 1;
    if (failures === 0) return 0;
    return Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
  }
}
