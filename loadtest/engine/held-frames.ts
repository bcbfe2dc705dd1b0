/** A frame whose key isn't here yet. */
export interface HeldFrame {
  readonly bytes: Buffer;
  /** When it came, by the engine's own clock. */
  readonly atUs: number;
  /** The same by the reference clock. */
  readonly wallUs: number;
}

/** As the client: `holdLimit` and `holdMs` of src/e2ee/worker/messages.ts. */
const LIMIT = 64;
const PATIENCE_US = 500_000;

/**
 * Frames of one stream that came before their keys: a sender may seal with a new epoch as soon as it
 * has it. A bounded number of them waits for a bounded time.
 */
export class HeldFrames {
  #frames: HeldFrame[] = [];

  /** How many made room for it. */
  hold(frame: HeldFrame): number {
    this.#frames.push(frame);
    if (this.#frames.length <= LIMIT) return 0;
    this.#frames.shift();
    return 1;
  }

  /** How many have waited for too long; they are gone. */
  expire(nowUs: number): number {
    const before = this.#frames.length;
    this.#frames = this.#frames.filter(({ atUs }) => nowUs - atUs <= PATIENCE_US);
    return before - this.#frames.length;
  }

  /** All that wait, the oldest first; none waits any more. */
  take(): readonly HeldFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }
}
