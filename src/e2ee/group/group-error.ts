/** Why the group did not do what it was asked. Its state is unchanged, but for `removed` and `kicked`. */
export type GroupErrorCode =
  /** The commit, or the message, belongs to an epoch other than this one; see `messageEpoch`. */
  | "wrong-epoch"
  /** Broken, oversized, forged, without a valid proof, or against the rules of the group. */
  | "refused"
  /** The commit shuts this member out, or replaces this leaf by a newer one of the same member. */
  | "removed"
  /** As `removed`, by a member who meant it: the link that this member holds is void. */
  | "kicked"
  /** The members let nobody in. */
  | "locked"
  /** The link that this participant holds is not the one that lets people in now. */
  | "link-void"
  /** The pending commit lost to another one, was applied already, or was discarded. */
  | "commit-void"
  /** The caller names somebody who is not a member, or itself. */
  | "unknown-participant"
  /** The group holds `GROUP_LIMITS.members` already. */
  | "full";

export class GroupError extends Error {
  readonly code: GroupErrorCode;
  /** The epoch of the message with `wrong-epoch`: smaller is a late one, larger tells of a gap. */
  readonly messageEpoch: number | undefined;

  constructor(
    code: GroupErrorCode,
    message: string,
    options?: { cause?: unknown; messageEpoch?: number },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GroupError";
    this.code = code;
    this.messageEpoch = options?.messageEpoch;
  }
}

/** The one way to refuse what came from outside. */
export function refuse(reason: string, cause?: unknown): never {
  throw new GroupError("refused", reason, { cause });
}

export function wrongEpoch(messageEpoch: number): GroupError {
  return new GroupError("wrong-epoch", "the message is of another epoch", { messageEpoch });
}

/** Whether a commit has shut this member out. */
export function isRemoval(error: unknown): boolean {
  return error instanceof GroupError && (error.code === "removed" || error.code === "kicked");
}
