/** Lets through `ratePerS` units a second, and what a second holds at once after a pause. */
export class TokenBucket {
  readonly #ratePerS: number;
  #tokens: number;
  #atMs: number;

  constructor(ratePerS: number, nowMs: number) {
    this.#ratePerS = ratePerS;
    this.#tokens = ratePerS;
    this.#atMs = nowMs;
  }

  take(units: number, nowMs: number): boolean {
    if (nowMs > this.#atMs) {
      const gained = ((nowMs - this.#atMs) * this.#ratePerS) / 1000;
      this.#tokens = Math.min(this.#ratePerS, this.#tokens + gained);
    }
    // Set in any case, so that a clock that was put back does not stop the flow until it catches up.
    this.#atMs = nowMs;
    if (this.#tokens < units) return false;
    this.#tokens -= units;
    return true;
  }
}
