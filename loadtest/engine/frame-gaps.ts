import type { MediaKind } from "../../src/protocol/index.ts";
import type { Histogram } from "../statistics/histogram.ts";

/** W3C's webrtc-stats, `freezeCount`. */
const FREEZE_FACTOR = 3;
const FREEZE_EXTRA_US = 150_000;
/** The mean follows about so many frames. */
const MEAN_WEIGHT = 1 / 30;

/** Times between the frames of one stream, see `gapUs` of `FrameStats`. */
export class FrameGaps {
  readonly #kind: MediaKind;
  readonly #histogram: Histogram;
  #lastUs: number | undefined;
  #meanUs = 0;

  constructor(kind: MediaKind, histogram: Histogram) {
    this.#kind = kind;
    this.#histogram = histogram;
  }

  frame(atUs: number): void {
    const lastUs = this.#lastUs;
    this.#lastUs = atUs;
    if (lastUs === undefined) return;
    const gapUs = atUs - lastUs;
    if (this.#kind === "audio" || this.#isFreeze(gapUs)) this.#histogram.record(gapUs);
    this.#meanUs += this.#meanUs === 0 ? gapUs : (gapUs - this.#meanUs) * MEAN_WEIGHT;
  }

  /** The stream was paused: what comes next is no gap. */
  reset(): void {
    this.#lastUs = undefined;
  }

  #isFreeze(gapUs: number): boolean {
    if (this.#meanUs === 0) return false;
    return gapUs > Math.max(FREEZE_FACTOR * this.#meanUs, this.#meanUs + FREEZE_EXTRA_US);
  }
}
