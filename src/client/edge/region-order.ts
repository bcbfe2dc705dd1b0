import type { EdgeRegion, RegionName } from "../../protocol/index.ts";

/** What is known of a region. */
export interface RegionReach {
  /** Undefined when it did not answer. */
  readonly reachMs: number | undefined;
  /** When it was measured, by the page's clock. */
  readonly atMs: number;
}

/**
 * The nearest region first. Those that were not measured come behind those that answered, in the
 * server's order; then those that did not answer, and last those that were left.
 */
export function orderRegions(
  regions: readonly EdgeRegion[],
  reach: ReadonlyMap<RegionName, RegionReach>,
  left: ReadonlySet<RegionName>,
): RegionName[] {
  const rank = ({ region }: EdgeRegion): number => {
    if (left.has(region)) return Infinity;
    const known = reach.get(region);
    if (known === undefined) return UNMEASURED;
    return known.reachMs ?? UNANSWERED;
  };
  // The sort is stable, so that equals stay in the server's order.
  return [...regions]
    .sort((one, other) => compare(rank(one), rank(other)))
    .map(({ region }) => region);
}

/** Above all that a measurement can take. */
const UNMEASURED = 1e9;
const UNANSWERED = 2e9;

function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

/** A region must be so much nearer before a relay that works is given up for it. */
const MOVE_GAIN_MS = 40;
const MOVE_RATIO = 0.75;

/** Whether it is worth an ICE restart to go from one region to the other. */
export function isWorthMoving(from: RegionReach | undefined, to: RegionReach | undefined): boolean {
  if (to?.reachMs === undefined) return false;
  if (from?.reachMs === undefined) return true;
  return to.reachMs < from.reachMs * MOVE_RATIO && to.reachMs < from.reachMs - MOVE_GAIN_MS;
}
