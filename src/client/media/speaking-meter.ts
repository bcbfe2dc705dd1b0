import type { Clock } from "../../lib/clock.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";

export interface SpeakingMeterEvents {
  "speakers:changed": ReadonlySet<ParticipantId>;
}

export interface SpeakingMeterOptions {
  readonly clock: Clock;
  /** Loudness of each participant's microphone at this moment, 0 to 1 (linear). */
  readonly levels: () => Promise<ReadonlyMap<ParticipantId, number>>;
}

const PERIOD_MS = 200;
/** About -38 dBov: above the noise of a quiet room, below a soft voice. */
const LOUD = 0.012;
/** A pause between two words does not end a turn. */
const HOLD_MS = 600;

/** Tells who is speaking, by the loudness of what arrives and of what is sent. */
export class SpeakingMeter {
  readonly events = new Emitter<SpeakingMeterEvents>();
  readonly #options: SpeakingMeterOptions;
  readonly #scope: Scope;
  readonly #loudAtMs = new Map<ParticipantId, number>();
  #speakers: ReadonlySet<ParticipantId> = new Set();

  constructor(options: SpeakingMeterOptions) {
    this.#options = options;
    this.#scope = new Scope("speaking meter", options.clock);
    this.#scope.every(PERIOD_MS, () => void this.#measure());
  }

  get speakers(): ReadonlySet<ParticipantId> {
    return this.#speakers;
  }

  close(): void {
    this.#scope.end("closed");
    this.events.removeAllListeners();
  }

  async #measure(): Promise<void> {
    const levels = await this.#options.levels();
    if (this.#scope.ended) return;
    const nowMs = this.#options.clock.now();
    for (const [participantId, level] of levels) {
      if (level >= LOUD) this.#loudAtMs.set(participantId, nowMs);
    }
    for (const [participantId, loudAtMs] of this.#loudAtMs) {
      if (nowMs - loudAtMs > HOLD_MS) this.#loudAtMs.delete(participantId);
    }
    const speakers = new Set(this.#loudAtMs.keys());
    if (isSameSet(speakers, this.#speakers)) return;
    this.#speakers = speakers;
    this.events.emit("speakers:changed", speakers);
  }
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}
