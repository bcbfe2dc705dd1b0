import type { Clock } from "../../lib/clock.ts";
import { Store, type Readable } from "./store.ts";

/** Hears one track. */
export interface LevelReader {
  /** Fills in the latest samples, from -1 to 1. */
  read(): Float32Array;
  close(): void;
}

export type ListenToTrack = (track: MediaStreamTrack) => LevelReader;

const PERIOD_MS = 60;
/** A quiet room and a loud voice, in dB below full scale. */
const FLOOR_DB = -60;
const CEILING_DB = -12;
/** How much of the level is left after each period when it becomes quiet. */
const FALL = 0.75;

/** How loud the microphone is, from 0 to 1, rising at once and falling gently. */
export class LevelMeter implements Readable<number> {
  readonly #store = new Store(0);
  readonly #clock: Clock;
  readonly #listen: ListenToTrack;
  #track: MediaStreamTrack | null = null;
  #stop: (() => void) | null = null;

  constructor(listen: ListenToTrack, clock: Clock) {
    this.#listen = listen;
    this.#clock = clock;
  }

  readonly get = (): number => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  follow(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.close();
    this.#track = track;
    if (track === null) return;
    const reader = this.#listen(track);
    const cancel = this.#clock.every(PERIOD_MS, () => {
      const level = Math.max(loudness(reader.read()), this.get() * FALL);
      // Rounded down, or the fall would stop short of nothing.
      this.#store.set(Math.floor(level * 100) / 100);
    });
    this.#stop = () => {
      cancel();
      reader.close();
    };
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    this.#track = null;
    this.#store.set(0);
  }
}

/** Root mean square of samples from -1 to 1, as a share of the way from the floor to the ceiling. */
export function loudness(samples: Float32Array): number {
  if (samples.length === 0) return 0;
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  if (power === 0) return 0;
  const decibels = 10 * Math.log10(power);
  return Math.min(1, Math.max(0, (decibels - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}
