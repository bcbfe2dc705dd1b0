import type { ParticipantId } from "../protocol/index.ts";

interface Vote {
  /** Who may judge the commit: the members when it came, but for its committer. */
  readonly electorate: ReadonlySet<ParticipantId>;
  readonly refusals: Set<ParticipantId>;
}

/** Commits that can still be judged. A member needs no longer than a moment to look at one. */
const OPEN_VOTES = 16;

/**
 * Whether the commits that the server accepted hold in the eyes of the members: the server itself
 * can read none. A commit is refused by more than half of those who may judge it, so that nobody
 * alone can take back what the others follow.
 */
export class CommitVotes {
  readonly #votes = new Map<number, Vote>();

  /** `epoch` is the one that the commit begins. */
  open(epoch: number, committer: ParticipantId, members: Iterable<ParticipantId>): void {
    const electorate = new Set(members);
    electorate.delete(committer);
    this.#votes.set(epoch, { electorate, refusals: new Set() });
    for (const old of this.#votes.keys()) {
      if (this.#votes.size <= OPEN_VOTES) break;
      this.#votes.delete(old);
    }
  }

  /** True when the commit that began `epoch` is refused with this voice. */
  refuse(epoch: number, voter: ParticipantId): boolean {
    const vote = this.#votes.get(epoch);
    if (vote === undefined || !vote.electorate.has(voter)) return false;
    vote.refusals.add(voter);
    return vote.refusals.size * 2 > vote.electorate.size;
  }

  /** Those commits are no longer there. */
  closeFrom(epoch: number): void {
    for (const open of this.#votes.keys()) if (open >= epoch) this.#votes.delete(open);
  }

  clear(): void {
    this.#votes.clear();
  }
}
