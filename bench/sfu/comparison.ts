import type { Round } from "./round.ts";

/** Two servers in turn under the same load: what burdened the machine burdened both. */
export interface Pair {
  readonly ours: Round;
  readonly theirs: Round;
}

/** Beyond these a round says more of the generator than of the server. */
export const GENERATOR_LIMITS = {
  /** A quarter of what the servers may add. */
  delayP99Ms: 5,
  /** Of all time. The delay tells what came of it; much more, and even that is luck. */
  runQueueShare: 0.2,
} as const;

/** Whether the generator kept up, so that the round tells something of the server. */
export function isSound({ generator }: Round): boolean {
  return (
    generator.delayP99Ms <= GENERATOR_LIMITS.delayP99Ms &&
    generator.runQueueShare <= GENERATOR_LIMITS.runQueueShare
  );
}

/** Microseconds of CPU, of all processes of the server, for each packet that reached a viewer. */
export function cpuUsPerPacket(round: Round): number {
  return (round.mediaCpuUs + round.controlCpuUs) / round.forwardedPackets;
}

/** `NaN` of nothing; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** The pairs of which both halves count. */
export function soundPairs(pairs: readonly Pair[]): Pair[] {
  return pairs.filter(({ ours, theirs }) => isSound(ours) && isSound(theirs));
}

/** The median over the pairs of their CPU a packet divided by ours. */
export function medianRatio(pairs: readonly Pair[], of: (round: Round) => number): number {
  return median(pairs.map(({ ours, theirs }) => of(theirs) / of(ours)));
}
