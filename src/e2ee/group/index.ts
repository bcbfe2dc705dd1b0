export { CallGroup } from "./call-group.ts";
export type { CommitAction } from "./commit-action.ts";
export { committerOrder, takeoverDelayMs } from "./committer-order.ts";
export { GroupError } from "./group-error.ts";
export { GROUP_LIMITS } from "./group-limits.ts";
export { MLS_CIPHER_SUITE } from "./mls/cipher-suite.ts";
export type { CommitOutcome, GroupChange, PendingCommit } from "./pending-commit.ts";
export { Newcomer } from "./newcomer.ts";
export type { GroupMember } from "./roster.ts";
