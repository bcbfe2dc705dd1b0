import type { Committed, EpochTag, GroupPosition, ParticipantId } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { CommitVotes } from "./commit-votes.ts";
import { GroupLog } from "./group-log.ts";
import type { SignalingOptions } from "./signaling-options.ts";

type RoomGroupOptions = ConstructorParameters<typeof GroupLog>[1] &
  Pick<SignalingOptions, "groupInfoStrikes">;

/**
 * The MLS group of one room, as far as a server that can read none of its messages knows it: at
 * which epoch it is, and who probably holds it. Somebody counts as a member who created the group,
 * whose commit was accepted, whom one let in, or who came with the group's epoch; until they leave the room, ask
 * for a GroupInfo themselves, or fail to provide one several times in a row. A removal inside the
 * group is not visible here. The group lasts as long as it has a member; then it may be created
 * anew, since nobody could let newcomers in.
 */
export class RoomGroup {
  readonly #options: RoomGroupOptions;
  readonly #budget: ByteBudget;
  readonly #votes = new CommitVotes();
  #log: GroupLog | undefined;
  #generation = 0;
  /** True until a commit proves at which epoch the group is that clients told of. */
  #adopted = false;
  /** Members by more than their word: only they judge the others' commits. */
  readonly #proven = new Set<ParticipantId>();
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

  /** Null while there is no group. */
  get position(): GroupPosition | null {
    return this.#log?.position ?? null;
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
  create(participantId: ParticipantId, tag: EpochTag): void {
    if (this.#log !== undefined) throw new ProtocolError("group-exists");
    this.#begin({ epoch: 0, tag });
    this.#adopted = false;
    this.#prove(participantId);
  }

  /**
   * A participant comes and holds a group that stands there. A server that has no group learns from it
   * that there is one. If several come back to such a server, the one with the highest epoch is
   * right, for the others missed what led to it; after the first commit nobody is believed.
   */
  claim(participantId: ParticipantId, { epoch, tag }: GroupPosition): void {
    if (this.#log === undefined || (this.#adopted && epoch > this.#log.epoch)) {
      this.#begin({ epoch, tag });
      this.#adopted = true;
    }
    if (this.#log?.knows({ epoch, tag }) !== true) return;
    this.#touch(participantId);
    // Newcomers are told where the group stands, so that knowing it proves nothing. A server that
    // has only just heard of the group knows nobody better.
    if (this.#adopted) this.#proven.add(participantId);
  }

  /** Throws `group-missing` or `stale-epoch`. */
  commit(
    participantId: ParticipantId,
    { epoch, tag }: GroupPosition,
    commit: Uint8Array,
  ): Committed {
    const committed = this.#existing().accept(participantId, epoch, tag, commit);
    this.#votes.open(committed.epoch, participantId, this.#proven);
    this.#adopted = false;
    this.#prove(participantId);
    return committed;
  }

  /**
   * A member says that the commit that began `epoch` does not hold. Returns what was taken back
   * because of it, if anything: the first of the commits, whose sender no longer counts as a member.
   */
  refuse(participantId: ParticipantId, epoch: number): Committed | undefined {
    const log = this.#existing();
    const refused = log.find(epoch);
    if (refused === undefined || !this.#votes.refuse(epoch, participantId)) return undefined;
    log.rollBack(epoch);
    this.#votes.closeFrom(epoch);
    // What was kept for newcomers may be of an epoch that is no more.
    this.#generation += 1;
    this.forget(refused.participantId);
    return refused;
  }

  /** A commit that was just accepted let them in. */
  admit(participantIds: readonly ParticipantId[]): void {
    for (const participantId of participantIds) this.#prove(participantId);
  }

  /** Throws `group-missing` or `commits-gone`. */
  commitsSince(fromEpoch: number): { commits: Committed[]; epoch: number } {
    const log = this.#existing();
    return { commits: log.since(fromEpoch), epoch: log.epoch };
  }

  /** The participant left the room, or said that they do not hold the group. */
  forget(participantId: ParticipantId): void {
    this.#proven.delete(participantId);
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
    this.#votes.clear();
    this.#proven.clear();
    this.#members.clear();
  }

  #existing(): GroupLog {
    if (this.#log === undefined) throw new ProtocolError("group-missing");
    return this.#log;
  }

  #begin(position: GroupPosition): void {
    this.#log?.clear();
    this.#votes.clear();
    this.#generation += 1;
    this.#log = new GroupLog(position, this.#options, this.#budget);
  }

  #prove(participantId: ParticipantId): void {
    this.#touch(participantId);
    this.#proven.add(participantId);
  }

  #touch(participantId: ParticipantId): void {
    this.#members.delete(participantId);
    this.#members.set(participantId, 0);
  }
}
