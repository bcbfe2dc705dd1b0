import type { Clock } from "../../lib/clock.ts";
import type { ParticipantId } from "../../protocol/index.ts";

/** Messages that somebody may send at once, and how many a second over time. */
const BURST = 30;
const PER_SECOND = 3;

/** How much of each participant is heard: a flood of one must not drown the page of the others. */
export class MessageAllowance {
  readonly #clock: Clock;
  readonly #spent = new Map<ParticipantId, { messages: number; atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one more message of `participantId` is heard. */
  take(participantId: ParticipantId): boolean {
    const nowMs = this.#clock.now();
    const before = this.#spent.get(participantId) ?? { messages: 0, atMs: nowMs };
    // A clock that was set back must not lock anybody out.
    const passedS = Math.max(0, nowMs - before.atMs) / 1_000;
    const messages = Math.max(0, before.messages - passedS * PER_SECOND);
    const heard = messages + 1 <= BURST;
    this.#spent.set(participantId, { messages: heard ? messages + 1 : messages, atMs: nowMs });
    return heard;
  }

  /** Forgets everybody else. */
  keepOnly(participantIds: ReadonlySet<ParticipantId>): void {
    for (const id of this.#spent.keys()) if (!participantIds.has(id)) this.#spent.delete(id);
  }
}
