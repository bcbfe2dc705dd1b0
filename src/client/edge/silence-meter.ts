/** Readings in a row with packets before silence means anything: muted, a call is often silent. */
const STEADY_READINGS = 4;

/**
 * Tells for how long a steady stream of packets has been silent. Fed at regular times with how many
 * packets have come so far.
 */
export class SilenceMeter {
  #packets: number | undefined;
  #steady = 0;
  #silent = 0;

  /** Readings in a row without a packet; 0 while the stream flows, and if it never was steady. */
  get silentReadings(): number {
    return this.#steady >= STEADY_READINGS ? this.#silent : 0;
  }

  read(packets: number): void {
    const before = this.#packets;
    this.#packets = packets;
    if (before === undefined) return;
    if (packets === before) {
      this.#silent += 1;
      // What comes with pauses is not steady.
      if (this.#steady < STEADY_READINGS) this.#steady = 0;
      return;
    }
    // Fewer than before means another path, which flows as well.
    this.#steady = this.#silent > 0 ? 1 : Math.min(this.#steady + 1, STEADY_READINGS);
    this.#silent = 0;
  }

  reset(): void {
    this.#packets = undefined;
    this.#steady = 0;
    this.#silent = 0;
  }
}
