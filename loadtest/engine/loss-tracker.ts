import { sequenceDistance } from "./rtp-packet.ts";

interface Missing {
  readonly sinceUs: number;
  nacks: number;
  lastNackUs: number;
}

/** How long a packet may be missing before it counts as lost. */
const GIVE_UP_US = 1_000_000;
/** RFC 4585 leaves it open when to ask again; this is libwebrtc's order of size. */
const NACK_PERIOD_US = 60_000;
const MAX_NACKS = 10;
/** A larger jump is a new beginning rather than a loss. */
const MAX_GAP = 1_000;

export interface LossCount {
  readonly expected: number;
  readonly lost: number;
  readonly repaired: number;
}

/** Which packets of one SSRC have come, and which to ask for again. */
export class LossTracker {
  readonly #missing = new Map<number, Missing>();
  #highest: number | undefined;
  #cycles = 0;
  #expected = 0;
  #lost = 0;
  #repaired = 0;
  #totalExpected = 0;
  #totalLost = 0;
  #reportedExpected = 0;
  #reportedLost = 0;

  /** False for a packet that came before. */
  received(sequence: number, nowUs: number, isRepair: boolean): boolean {
    if (this.#highest === undefined) {
      this.#highest = sequence;
      this.#expect(1);
      return true;
    }
    const ahead = sequenceDistance(this.#highest, sequence);
    if (ahead <= 0) {
      if (!this.#missing.delete(sequence)) return false;
      if (isRepair) this.#repaired += 1;
      return true;
    }
    if (ahead > MAX_GAP) this.#missing.clear();
    else {
      for (let step = 1; step < ahead; step += 1) {
        const missed = (this.#highest + step) & 0xffff;
        this.#missing.set(missed, { sinceUs: nowUs, nacks: 0, lastNackUs: 0 });
      }
    }
    this.#expect(ahead > MAX_GAP ? 1 : ahead);
    if (sequence < this.#highest) this.#cycles += 1;
    this.#highest = sequence;
    return true;
  }

  /** Whether anything is missing. */
  get isComplete(): boolean {
    return this.#missing.size === 0;
  }

  /** Gives up what is missing for too long, and tells what to ask for now. */
  toAskFor(nowUs: number): number[] {
    const sequences: number[] = [];
    for (const [sequence, missing] of this.#missing) {
      if (nowUs - missing.sinceUs > GIVE_UP_US) {
        this.#missing.delete(sequence);
        this.#lost += 1;
        this.#totalLost += 1;
      } else if (missing.nacks < MAX_NACKS && nowUs - missing.lastNackUs > NACK_PERIOD_US) {
        missing.nacks += 1;
        missing.lastNackUs = nowUs;
        sequences.push(sequence);
      }
    }
    return sequences;
  }

  /** What was counted since the last call. */
  take(): LossCount {
    const count = { expected: this.#expected, lost: this.#lost, repaired: this.#repaired };
    this.#expected = 0;
    this.#lost = 0;
    this.#repaired = 0;
    return count;
  }

  /** For a receiver report, RFC 3550 section 6.4.1 and appendix A.3. */
  report(): { fractionLost: number; totalLost: number; highestSequence: number } {
    const expected = this.#totalExpected - this.#reportedExpected;
    const lost = this.#totalLost - this.#reportedLost;
    this.#reportedExpected = this.#totalExpected;
    this.#reportedLost = this.#totalLost;
    return {
      fractionLost: expected === 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected)),
      totalLost: this.#totalLost,
      highestSequence: this.#cycles * 0x1_0000 + (this.#highest ?? 0),
    };
  }

  #expect(packets: number): void {
    this.#expected += packets;
    this.#totalExpected += packets;
  }
}
