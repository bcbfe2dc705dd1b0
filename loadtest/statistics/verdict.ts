/** What tells whether the generator kept up. */
export interface GeneratorUse {
  /** 99th percentiles, in milliseconds; NaN where nothing was measured. */
  readonly sendDelayP99Ms: number;
  readonly receiveDelayP99Ms: number;
  readonly loopDelayP99Ms: number;
  /** Of the time, how much an engine's threads were ready and waited for a core, 0 to 1. */
  readonly engineWaitShare: number | null;
}

export interface Verdict {
  /** False: the generator was the limit, and the figures say nothing of the server. */
  readonly isResult: boolean;
  readonly reasons: readonly string[];
}

/** Beyond these the generator itself is what was measured. */
const GENERATOR_LIMITS = {
  /** A tenth of what a listener notices (ITU-T G.114: 150 ms). */
  ownDelayP99Ms: 15,
  /** Joins are judged in seconds, so the protocol's side may be later. */
  loopDelayP99Ms: 250,
  waitShare: 0.2,
  /**
   * Whose own delay stays below this waited often but shortly, as an engine does that shares its cores
   * with the server: what came of it is measured, and is little.
   */
  unharmedDelayP99Ms: 5,
  /** So much waiting is too much, whatever came of it. */
  mostWaitShare: 0.5,
} as const;

export function judgeGenerator(use: GeneratorUse): Verdict {
  const { ownDelayP99Ms, loopDelayP99Ms } = GENERATOR_LIMITS;
  const reasons: string[] = [];
  if (use.sendDelayP99Ms > ownDelayP99Ms) {
    reasons.push(`it sent ${use.sendDelayP99Ms.toFixed(1)} ms late (p99, limit ${ownDelayP99Ms})`);
  }
  if (use.receiveDelayP99Ms > ownDelayP99Ms) {
    const delay = use.receiveDelayP99Ms.toFixed(1);
    reasons.push(`it took packets ${delay} ms late (p99, limit ${ownDelayP99Ms})`);
  }
  if (use.loopDelayP99Ms > loopDelayP99Ms) {
    const delay = use.loopDelayP99Ms.toFixed(0);
    reasons.push(`its participants answered ${delay} ms late (p99, limit ${loopDelayP99Ms})`);
  }
  const limit = waitLimit(use);
  if (use.engineWaitShare !== null && use.engineWaitShare > limit) {
    const share = (use.engineWaitShare * 100).toFixed(0);
    reasons.push(`its engines waited ${share} % of the time for a core (limit ${limit * 100} %)`);
  }
  return { isResult: reasons.length === 0, reasons };
}

function waitLimit({ sendDelayP99Ms, receiveDelayP99Ms }: GeneratorUse): number {
  const { waitShare, unharmedDelayP99Ms, mostWaitShare } = GENERATOR_LIMITS;
  const isUnharmed = sendDelayP99Ms < unharmedDelayP99Ms && receiveDelayP99Ms < unharmedDelayP99Ms;
  return isUnharmed ? mostWaitShare : waitShare;
}
