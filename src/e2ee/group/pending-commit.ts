/** A commit of our own that waits for the delivery service's word. */
export interface PendingCommit {
  /** An MLS message, to be sent as it is. */
  readonly commit: Uint8Array;
  /** The epoch that it ends. */
  readonly epoch: number;
  /** The tag of the epoch that it begins. */
  readonly tag: string;
  /** It was accepted. Throws `GroupError` (`commit-void`) when the group has moved on otherwise. */
  apply(): void;
  /**
   * It was refused. Never after a lost answer: should the commit come back by `process` after all,
   * the group knows it again only if it was not discarded.
   */
  discard(): void;
}
