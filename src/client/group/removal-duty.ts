import type { GroupMember } from "../../e2ee/group/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import { committerOrder, takeoverDelayMs } from "../../e2ee/group/index.ts";
import { Scope } from "../../lib/scope.ts";

/** Leaves within this time go into one commit. */
const GATHER_MS = 100;
/**
 * How long a member may be missing without a goodbye before it is removed. Longer than servers
 * wait for a lost connection, so that members who are slow to return to a restarted server stay.
 */
const ABSENCE_MS = 30_000;

export interface RemovalDutyOptions {
  readonly participantId: ParticipantId;
  readonly clock: Clock;
  /** Called when it is this member's turn to commit the removal. */
  readonly remove: (participantIds: readonly ParticipantId[]) => void;
}

/**
 * Decides when this member has to shut out others who are gone. The present members take turns in
 * the order of their leaves: the first at once, each next one a second later.
 */
export class RemovalDuty {
  readonly #options: RemovalDutyOptions;
  readonly #scope: Scope;
  #members: readonly GroupMember[] = [];
  #present: ReadonlySet<ParticipantId> = new Set();
  #left: ReadonlySet<ParticipantId> = new Set();
  readonly #absentSinceMs = new Map<ParticipantId, number>();
  #cancelTurn: () => void = () => {};

  constructor(options: RemovalDutyOptions) {
    this.#options = options;
    this.#scope = new Scope("removal duty", options.clock);
  }

  membersChanged(members: readonly GroupMember[]): void {
    this.#members = members;
    this.#plan();
  }

  rosterChanged(present: ReadonlySet<ParticipantId>, left: ReadonlySet<ParticipantId>): void {
    this.#present = present;
    this.#left = left;
    this.#plan();
  }

  /** Who is to be shut out now, for a commit that is made anyway, whoever's turn it is. */
  due(): ParticipantId[] {
    return this.#absentMembers().filter((id) => this.#dueInMs(id) <= 0);
  }

  close(): void {
    this.#scope.end("closed");
  }

  #plan(): void {
    this.#cancelTurn();
    this.#noteAbsence();
    const dueInMs = this.#absentMembers().map((id) => this.#dueInMs(id));
    if (dueInMs.length === 0) return;
    const place = this.#place();
    if (place === -1) return;
    const delayMs = Math.min(...dueInMs) + GATHER_MS + takeoverDelayMs(place);
    this.#cancelTurn = this.#scope.after(delayMs, () => {
      const due = this.due();
      // Planned again even if this succeeds: should the commit lose, the duty remains.
      this.#cancelTurn = this.#scope.after(takeoverDelayMs(1), () => {
        this.#plan();
      });
      if (due.length > 0) this.#options.remove(due);
    });
  }

  #absentMembers(): ParticipantId[] {
    return this.#members
      .map((member) => member.participantId)
      .filter((id) => id !== this.#options.participantId && !this.#present.has(id));
  }

  #noteAbsence(): void {
    const absent = new Set(this.#absentMembers());
    for (const id of this.#absentSinceMs.keys()) {
      if (!absent.has(id)) this.#absentSinceMs.delete(id);
    }
    for (const id of absent) {
      if (!this.#absentSinceMs.has(id)) this.#absentSinceMs.set(id, this.#options.clock.now());
    }
  }

  #dueInMs(id: ParticipantId): number {
    if (this.#left.has(id)) return 0;
    const sinceMs = this.#absentSinceMs.get(id) ?? this.#options.clock.now();
    return Math.max(0, sinceMs + ABSENCE_MS - this.#options.clock.now());
  }

  #place(): number {
    const { participantId } = this.#options;
    const present = new Set([...this.#present, participantId]);
    return committerOrder(this.#members, present, new Set()).indexOf(participantId);
  }
}
