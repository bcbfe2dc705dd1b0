import type { ParticipantId } from "../../protocol/index.ts";

/** Whose hand is raised since when, by this client's clock. */
export class RaisedHands {
  readonly #sinceMs = new Map<ParticipantId, number>();
  #order: readonly ParticipantId[] = [];

  /** The first to raise it first. The same array as before, unless something changed. */
  get order(): readonly ParticipantId[] {
    return this.#order;
  }

  sinceMs(participantId: ParticipantId): number | undefined {
    return this.#sinceMs.get(participantId);
  }

  /** Undefined lowers the hand. One that is raised already stays in its place. */
  set(participantId: ParticipantId, sinceMs: number | undefined): void {
    const known = this.#sinceMs.get(participantId);
    if ((known === undefined) === (sinceMs === undefined)) return;
    if (sinceMs === undefined) this.#sinceMs.delete(participantId);
    else this.#sinceMs.set(participantId, sinceMs);
    this.#order = [...this.#sinceMs].toSorted((a, b) => a[1] - b[1]).map(([id]) => id);
  }
}
