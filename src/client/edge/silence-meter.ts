/** How many readings before a silence tell whether the stream was steady, and how many must have had packets. */
const JUDGED_READINGS = 5;
const STEADY_READINGS = 4;

/**
 * Tells for how long a steady stream of packets has been silent: muted, a call is often silent. Fed
 * at regular times with how many packets have come so far. One reading without a packet makes no
 * stream unsteady, since a busy machine or a full line delays packets by as much.
 */
export class SilenceMeter {
  #packets: number | undefined;
  /** The last readings before the silence that there is now: whether packets had come. */
  #flowed: boolean[] = [];
  #silent = 0;

  /** Readings in a row without a packet; 0 while the stream flows, and if it was not steady. */
  get silentReadings(): number {
    return this.#flowed.filter(Boolean).length >= STEADY_READINGS ? this.#silent : 0;
  }

  read(packets: number): void {
    const before = this.#packets;
    this.#packets = packets;
    if (before === undefined) return;
    if (packets === before) {
      this.#silent += 1;
      return;
    }
    // Fewer than before means another path, which flows as well.
    const silence = new Array<boolean>(Math.min(this.#silent, JUDGED_READINGS)).fill(false);
    this.#flowed = [...this.#flowed, ...silence, true].slice(-JUDGED_READINGS);
    this.#silent = 0;
  }

  reset(): void {
    this.#packets = undefined;
    this.#flowed = [];
    this.#silent = 0;
  }
}
