import type { Committed, EpochTag, GroupPosition, ParticipantId } from "../protocol/index.ts";
import { LIMITS, ProtocolError } from "../protocol/index.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { SignalingOptions } from "./signaling-options.ts";

type GroupLogOptions = Pick<
  SignalingOptions,
  "keptCommitsPerRoom" | "keptCommitBytesPerRoom" | "commitsAnswerBytes"
>;

interface KeptCommit extends Committed {
  /** Where the group stood before it. */
  readonly before: GroupPosition;
}

/**
 * Orders the commits of one MLS group: the first one for an epoch ends it (RFC 9420 section 14).
 * Keeps the latest for members who missed them, bounded by count, by bytes, and by the budget
 * that all rooms share.
 */
export class GroupLog {
  readonly #options: GroupLogOptions;
  readonly #budget: ByteBudget;
  #epoch: number;
  #tag: EpochTag;
  #commits: KeptCommit[] = [];
  #bytes = 0;

  constructor({ epoch, tag }: GroupPosition, options: GroupLogOptions, budget: ByteBudget) {
    this.#epoch = epoch;
    this.#tag = tag;
    this.#options = options;
    this.#budget = budget;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get position(): GroupPosition {
    return { epoch: this.#epoch, tag: this.#tag };
  }

  get keptBytes(): number {
    return this.#bytes;
  }

  /** The oldest epoch from which `since` can tell what followed. */
  get oldestEpoch(): number {
    return this.#epoch - this.#commits.length;
  }

  /** `epoch` is the one that the commit ends. Throws `stale-epoch` unless it is the current one. */
  accept(
    participantId: ParticipantId,
    epoch: number,
    tag: EpochTag,
    commit: Uint8Array,
  ): Committed {
    if (epoch !== this.#epoch) throw new ProtocolError("stale-epoch");
    // Only an epoch that a client made up gets there.
    if (epoch >= Number.MAX_SAFE_INTEGER) throw new ProtocolError("bad-request", "last epoch");
    const before = this.position;
    this.#epoch += 1;
    this.#tag = tag;
    // A copy: the bytes that came are a window into a larger buffer of the socket.
    const committed = { epoch: this.#epoch, tag, participantId, commit: new Uint8Array(commit) };
    this.#keep({ ...committed, before });
    return committed;
  }

  /**
   * The commits that ended `fromEpoch` and the later epochs, as many as one answer holds.
   * Throws `commits-gone` when the first of them is no longer kept, or is yet to come.
   */
  since(fromEpoch: number): Committed[] {
    if (fromEpoch < this.oldestEpoch || fromEpoch > this.#epoch) {
      throw new ProtocolError("commits-gone");
    }
    const found: Committed[] = [];
    let bytes = 0;
    for (const { before: _, ...committed } of this.#commits.slice(fromEpoch - this.oldestEpoch)) {
      bytes += committed.commit.byteLength;
      const full = found.length >= LIMITS.commitsPerAnswer;
      if (full || (found.length > 0 && bytes > this.#options.commitsAnswerBytes)) break;
      found.push(committed);
    }
    return found;
  }

  /** Whether the group stands there, or stood there as far as is still known. */
  knows({ epoch, tag }: GroupPosition): boolean {
    if (epoch === this.#epoch) return tag === this.#tag;
    const next = this.#commits.find(({ before }) => before.epoch === epoch);
    return next?.before.tag === tag;
  }

  /** The kept commit that began `epoch`, if there is one. */
  find(epoch: number): Committed | undefined {
    return this.#commits.find((committed) => committed.epoch === epoch);
  }

  /** Takes back the commit that began `epoch`, and all that followed it. */
  rollBack(epoch: number): void {
    const index = this.#commits.findIndex((committed) => committed.epoch === epoch);
    const first = this.#commits[index];
    if (first === undefined) return;
    this.#epoch = first.before.epoch;
    this.#tag = first.before.tag;
    this.#release(this.#commits.splice(index));
  }

  /** Forgets all that is kept. */
  clear(): void {
    this.#dropOldest(this.#commits.length);
  }

  #keep(committed: KeptCommit): void {
    const bytes = committed.commit.byteLength;
    while (!this.#reserve(bytes)) {
      // What does not fit at all is not kept: those who miss it join the group anew.
      if (this.#commits.length === 0) return;
      this.#dropOldest(1);
    }
    this.#commits.push(committed);
    this.#bytes += bytes;
  }

  #reserve(bytes: number): boolean {
    return (
      this.#commits.length < this.#options.keptCommitsPerRoom &&
      this.#bytes + bytes <= this.#options.keptCommitBytesPerRoom &&
      this.#budget.reserve(bytes)
    );
  }

  #dropOldest(count: number): void {
    this.#release(this.#commits.splice(0, count));
  }

  #release(commits: readonly KeptCommit[]): void {
    for (const { commit } of commits) {
      this.#bytes -= commit.byteLength;
      this.#budget.release(commit.byteLength);
    }
  }
}
