/** A worker as placement sees it. */
export interface PlacementCandidate {
  /** Streams that it forwards: producers, consumers and pipes. */
  readonly streams: number;
  /** Participants that have been placed on it. */
  readonly participants: number;
  readonly transports: number;
  readonly consumers: number;
  /** Whether the room that the participant enters is there already. */
  readonly hasRoom: boolean;
}

export interface PlacementRules {
  /** Load that a worker of the room may have above the others before the room spreads. */
  readonly spreadThreshold: number;
  readonly maxTransports: number;
  readonly maxConsumers: number;
}

/**
 * A participant counts for this many streams from the moment they are placed, long before their
 * streams flow: else all who join in one second would land on the same worker.
 */
const STREAMS_PER_PARTICIPANT = 4;

/**
 * The place in `candidates` of the worker that a new participant goes to, or undefined when all
 * are full. That is the least loaded one; but since each producer has to be piped to each worker
 * of its room, a worker where the room is already is preferred until its load is
 * `spreadThreshold` streams above. The first one wins a tie, so the result is the same each time.
 */
export function placeParticipant(
  candidates: readonly PlacementCandidate[],
  rules: PlacementRules,
): number | undefined {
  let best: number | undefined;
  let lowestCost = Number.POSITIVE_INFINITY;
  for (const [index, candidate] of candidates.entries()) {
    if (candidate.transports >= rules.maxTransports) continue;
    if (candidate.consumers >= rules.maxConsumers) continue;
    const cost =
      candidate.streams +
      candidate.participants * STREAMS_PER_PARTICIPANT +
      (candidate.hasRoom ? 0 : rules.spreadThreshold);
    if (cost >= lowestCost) continue;
    lowestCost = cost;
    best = index;
  }
  return best;
}
