import type { CommitAction } from "./commit-action.ts";

export interface CommitOutcome {
  /** The epoch that the commit began. */
  readonly epoch: number;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly committer: string;
  /** What the committer did besides; everybody is shown it. */
  readonly action: CommitAction;
}

/** What a member's commit may do at once. */
export interface GroupChange {
  /** Participants to shut out. */
  readonly remove?: readonly string[];
  /** KeyPackages of newcomers. Those that may not come in are passed over. */
  readonly add?: readonly Uint8Array[];
}

/** A commit of our own that waits for the delivery service's word. */
export interface PendingCommit {
  /** An MLS message, to be sent as it is. */
  readonly commit: Uint8Array;
  /** For those whom it lets in; undefined when it lets in nobody. */
  readonly welcome: Uint8Array | undefined;
  /** Whom `welcome` is for: newcomers, and members who come again. */
  readonly welcomed: readonly string[];
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** The epoch that it ends. */
  readonly epoch: number;
  /** The tag of the epoch that it begins. */
  readonly tag: string;
  /** It was accepted. Throws `GroupError` (`commit-void`) when the group has moved on otherwise. */
  apply(): CommitOutcome;
  /**
   * It was refused. Never after a lost answer: should the commit come back by `process` after all,
   * the group knows it again only if it was not discarded.
   */
  discard(): void;
}
