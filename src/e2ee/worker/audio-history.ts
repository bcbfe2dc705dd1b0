import { opusDurationSamples } from "../frame/opus-packet.ts";

/** RTP timestamps are numbers of 32 bits that begin anew after the last one (RFC 3550 section 5.1). */
function timestampBefore(timestamp: number, samples: number): number {
  return (timestamp - samples) >>> 0;
}

/** A sender's side: remembers the last frame, to be sent once more with the next one. */
export class SentAudio {
  #last: Uint8Array | undefined;
  #lastTimestamp: number | undefined;

  /**
   * The frame that ended where this one begins; undefined after a pause. Keeps `frame`, which
   * must not be written over.
   */
  previousOf(frame: Uint8Array, timestamp: number | undefined): Uint8Array | undefined {
    const last = this.#last;
    const lastTimestamp = this.#lastTimestamp;
    this.#last = frame;
    this.#lastTimestamp = timestamp;
    if (last === undefined || timestamp === undefined) return undefined;
    const isNext = timestampBefore(timestamp, opusDurationSamples(last)) === lastTimestamp;
    return isNext ? last : undefined;
  }
}

/** Timestamps remembered: more than any reordering that a jitter buffer waits for (1 s). */
const REMEMBERED = 64;

/** A receiver's side: knows which frames have come, and so which are missing. */
export class ReceivedAudio {
  readonly #seen = new Map<number, "received" | "repaired">();

  /** False for a frame that was put in already, by way of its successor. */
  isNew(timestamp: number): boolean {
    const isRepaired = this.#seen.get(timestamp) === "repaired";
    this.#remember(timestamp, "received");
    return !isRepaired;
  }

  /**
   * Where `previous` belongs if it is missing: the frame before the one at `timestamp`. Undefined
   * if it came, or if nothing came yet: who has just begun to listen misses nothing.
   */
  gapBefore(timestamp: number, previous: Uint8Array): number | undefined {
    const samples = opusDurationSamples(previous);
    const gap = timestampBefore(timestamp, samples);
    // Only the frame at `timestamp` itself, or nothing.
    const hasBegun = this.#seen.size > 1;
    if (samples === 0 || !hasBegun || this.#seen.has(gap)) return undefined;
    this.#remember(gap, "repaired");
    return gap;
  }

  #remember(timestamp: number, how: "received" | "repaired"): void {
    this.#seen.set(timestamp, how);
    if (this.#seen.size <= REMEMBERED) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      return;
    }
  }
}
