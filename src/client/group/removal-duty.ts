import type { GroupMember } from "../../e2ee/group/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import { committerOrder, takeoverDelayMs } from "../../e2ee/group/index.ts";
import { Scope } from "../../lib/scope.ts";

/**
 * How long a member may be missing without a goodbye before it is removed. Longer than servers
 * wait for a lost connection, so that members who are slow to return to a restarted server stay.
 */
const ABSENCE_MS = 30_000;

export interface RemovalDutyOptions {
  readonly participantId: ParticipantId;
  readonly clock: Clock;
  /** Leaves within this time go into one commit, in milliseconds. */
  readonly leaveWindowMs: number;
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
  readonly #leftSinceMs = new Map<ParticipantId, number>();
  #membersChangedMs = 0;
  #latestTurnMs = 0;
  #cancelTurn: () => void = () => {};

  constructor(options: RemovalDutyOptions) {
    this.#options = options;
    this.#scope = new Scope("removal duty", options.clock);
  }

  membersChanged(members: readonly GroupMember[]): void {
    this.#members = members;
    this.#membersChangedMs = this.#options.clock.now();
    this.#plan();
  }

  rosterChanged(present: ReadonlySet<ParticipantId>, left: ReadonlySet<ParticipantId>): void {
    this.#present = present;
    this.#left = left;
    this.#plan();
  }

  /** Who is to be shut out now, for a commit that is made anyway, whoever's turn it is. */
  due(): ParticipantId[] {
    const nowMs = this.#options.clock.now();
    return this.#absentMembers().filter((id) => this.#dueAtMs(id) <= nowMs);
  }

  close(): void {
    this.#scope.end("closed");
  }

  #plan(): void {
    this.#cancelTurn();
    this.#noteAbsence();
    const absent = this.#absentMembers();
    const place = this.#place();
    if (absent.length === 0 || place === -1) return;
    const { clock, leaveWindowMs } = this.#options;
    // The window opens with the first leave, or after the last turn: those who go one after another
    // don't put it off. Who would take over waits from the latest epoch on, for others are at work.
    const firstMs = absent.reduce((first, id) => Math.min(first, this.#dueAtMs(id)), Infinity);
    const busyMs = place === 0 ? this.#latestTurnMs : this.#membersChangedMs;
    const turnMs = Math.max(firstMs, busyMs) + leaveWindowMs + takeoverDelayMs(place);
    this.#cancelTurn = this.#scope.after(Math.max(0, turnMs - clock.now()), () => {
      this.#latestTurnMs = clock.now();
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
    this.#note(this.#absentSinceMs, absent);
    this.#note(this.#leftSinceMs, new Set([...absent].filter((id) => this.#left.has(id))));
  }

  /** Keeps since when each has been so. */
  #note(sinceMs: Map<ParticipantId, number>, ids: ReadonlySet<ParticipantId>): void {
    for (const id of sinceMs.keys()) if (!ids.has(id)) sinceMs.delete(id);
    for (const id of ids) if (!sinceMs.has(id)) sinceMs.set(id, this.#options.clock.now());
  }

  #dueAtMs(id: ParticipantId): number {
    const absentMs = this.#absentSinceMs.get(id) ?? this.#options.clock.now();
    return this.#leftSinceMs.get(id) ?? absentMs + ABSENCE_MS;
  }

  #place(): number {
    const { participantId } = this.#options;
    const present = new Set([...this.#present, participantId]);
    return committerOrder(this.#members, present, new Set()).indexOf(participantId);
  }
}
