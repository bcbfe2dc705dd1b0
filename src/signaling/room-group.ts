import type { Committed, ParticipantId } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { GroupLog } from "./group-log.ts";
import type { SignalingOptions } from "./signaling-options.ts";

type RoomGroupOptions = ConstructorParameters<typeof GroupLog>[1] &
  Pick<SignalingOptions, "groupInfoStrikes">;

/**
 * The MLS group of one room, as far as a server that can read none of its messages knows it: at
 * which epoch it is, and who probably holds it. Somebody counts as a member who created the group,
 * whose commit was accepted, or who came with the group's epoch; until they leave the room, ask
 * for a GroupInfo themselves, or fail to provide one several times in a row. A removal inside the
 * group is not visible here. The group lasts as long as it has a member; then it may be created
 * anew, since nobody could let newcomers in.
 */
export class RoomGroup {
  readonly #options: RoomGroupOptions;
  readonly #budget: ByteBudget;
  #log: GroupLog | undefined;
  #generation = 0;
  /** True until a commit proves at which epoch the group is that clients told of. */
  #adopted = false;
  /** Failures to provide a GroupInfo, by member; who was active last stands last. */
  readonly #members = new Map<ParticipantId, number>();

  constructor(options: RoomGroupOptions, budget: ByteBudget) {
    this.#options = options;
    this.#budget = budget;
  }

  /** Null while there is no group. */
  get epoch(): number | null {
    return this.#log?.epoch ?? null;
  }

  /** Grows with each group: epochs of different groups have nothing to do with each other. */
  get generation(): number {
    return this.#generation;
  }

  /** Whom to ask for a GroupInfo, in this order. */
  get members(): ParticipantId[] {
    return [...this.#members.keys()].reverse();
  }

  /** Throws `group-exists`. */
  create(participantId: ParticipantId): void {
    if (this.#log !== undefined) throw new ProtocolError("group-exists");
    this.#begin(0);
    this.#adopted = false;
    this.#touch(participantId);
  }

  /**
   * A participant comes and holds `epoch` of a group. A server that has no group learns from it
   * that there is one. If several come back to such a server, the one with the highest epoch is
   * right, for the others missed what led to it; after the first commit nobody is believed.
   */
  claim(participantId: ParticipantId, epoch: number): void {
    if (this.#log === undefined || (this.#adopted && epoch > this.#log.epoch)) {
      this.#begin(epoch);
      this.#adopted = true;
    }
    if (this.#log !== undefined && epoch >= this.#log.oldestEpoch && epoch <= this.#log.epoch) {
      this.#touch(participantId);
    }
  }

  /** Throws `group-missing` or `stale-epoch`. */
  commit(participantId: ParticipantId, epoch: number, commit: Uint8Array): Committed {
    const committed = this.#existing().accept(participantId, epoch, commit);
    this.#adopted = false;
    this.#touch(participantId);
    return committed;
  }

  /** Throws `group-missing` or `commits-gone`. */
  commitsSince(fromEpoch: number): { commits: Committed[]; epoch: number } {
    const log = this.#existing();
    return { commits: log.since(fromEpoch), epoch: log.epoch };
  }

  /** The participant left the room, or said that they do not hold the group. */
  forget(participantId: ParticipantId): void {
    if (!this.#members.delete(participantId)) return;
    if (this.#members.size === 0) this.close();
  }

  /** The participant failed to provide a GroupInfo of the current epoch. */
  strike(participantId: ParticipantId): void {
    const strikes = this.#members.get(participantId);
    if (strikes === undefined) return;
    if (strikes + 1 >= this.#options.groupInfoStrikes) this.forget(participantId);
    else this.#members.set(participantId, strikes + 1);
  }

  /** The participant provided a GroupInfo. */
  absolve(participantId: ParticipantId): void {
    if (this.#members.has(participantId)) this.#members.set(participantId, 0);
  }

  /** Forgets the group. */
  close(): void {
    this.#log?.clear();
    this.#log = undefined;
    this.#members.clear();
  }

  #existing(): GroupLog {
    if (this.#log === undefined) throw new ProtocolError("group-missing");
    return this.#log;
  }

  #begin(epoch: number): void {
    this.#log?.clear();
    this.#generation += 1;
    this.#log = new GroupLog(epoch, this.#options, this.#budget);
  }

  #touch(participantId: ParticipantId): void {
    this.#members.delete(participantId);
    this.#members.set(participantId, 0);
  }
}
