import type { RemoteParticipant } from "../../client/call-state.ts";
import type { ParticipantId } from "../../protocol/index.ts";

export interface Arrival {
  readonly kind: "joined" | "left";
  readonly name: string;
}

/**
 * Tells who came and who went between one roster and the next. A newcomer is told once the name
 * has come; who was there at first isn't told; who leaves is told when they go, not again when the
 * group has shut them out.
 */
export class Arrivals {
  readonly #told = new Map<ParticipantId, string>();

  constructor(present: readonly RemoteParticipant[]) {
    for (const { participantId, name, presence } of present) {
      if (presence === "present" || presence === "away") this.#told.set(participantId, name);
    }
  }

  update(participants: readonly RemoteParticipant[]): Arrival[] {
    const arrivals: Arrival[] = [];
    const here = new Set(participants.map(({ participantId }) => participantId));
    for (const participant of participants) arrivals.push(...this.#look(participant));
    for (const [participantId, name] of this.#told) {
      if (here.has(participantId)) continue;
      this.#told.delete(participantId);
      arrivals.push({ kind: "left", name });
    }
    return arrivals;
  }

  /** Their going is told in other words. */
  forget(participantId: ParticipantId): void {
    this.#told.delete(participantId);
  }

  #look({ participantId, name, presence }: RemoteParticipant): Arrival[] {
    if (presence === "leaving") {
      const toldName = this.#told.get(participantId);
      this.#told.delete(participantId);
      return toldName === undefined ? [] : [{ kind: "left", name: name || toldName }];
    }
    if (this.#told.has(participantId)) {
      this.#told.set(participantId, name);
      return [];
    }
    if (presence !== "present" || name === "") return [];
    this.#told.set(participantId, name);
    return [{ kind: "joined", name }];
  }
}
