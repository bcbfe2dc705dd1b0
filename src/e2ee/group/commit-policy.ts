import { equalBytes } from "./equal-bytes.ts";
import { refuse } from "./group-error.ts";
import { GROUP_LIMITS } from "./group-limits.ts";
import type { Admission } from "./leaf-identity.ts";
import type { GroupMember, Leaf } from "./roster.ts";
import { readLeaf } from "./roster.ts";

/** A commit as its sender wrote it, free of the MLS library's types. Not authenticated yet. */
export interface CommitContent {
  /** The leaf that commits, or undefined for a newcomer's external commit. */
  readonly senderLeafIndex: number | undefined;
  readonly proposals: readonly CommitProposal[];
  /** The committer's new leaf; undefined when the commit has no path. Its leaf index is unset. */
  readonly pathLeaf: Omit<Leaf, "leafIndex"> | undefined;
}

export type CommitProposal =
  | { readonly kind: "remove"; readonly leafIndex: number }
  | { readonly kind: "external-init" }
  /** Anything else, by reference included: never allowed. */
  | { readonly kind: "other" };

/** What a commit does if it is valid: the roster after it is exactly `roster`. */
export interface CommitPlan {
  readonly committer: GroupMember;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly removedLeaves: readonly number[];
  readonly roster: readonly GroupMember[];
}

/**
 * The rules that each member holds each commit to, before the library sees it:
 * - it carries a path, so that nobody it shuts out derives what follows;
 * - a member's commit holds Remove proposals only, or nothing at all (a leaf update);
 * - a newcomer's holds one ExternalInit, and at most a Remove of its own earlier leaf, which had
 *   the same id *and* the same signature key: the link alone lets nobody replace another;
 * - a leaf keeps its id and signature key for as long as it is in the tree.
 * Throws `GroupError` (`refused`).
 */
export function planCommit(
  content: CommitContent,
  roster: readonly GroupMember[],
  admission: Admission,
): CommitPlan {
  const removed = removedMembers(content.proposals, roster);
  if (content.pathLeaf === undefined) refuse("the commit carries no path");
  const staying = roster.filter((member) => !removed.includes(member));
  return content.senderLeafIndex === undefined
    ? planJoin(content, content.pathLeaf, removed, staying, admission)
    : planMemberCommit(
        content,
        content.senderLeafIndex,
        content.pathLeaf,
        removed,
        staying,
        admission,
      );
}

/** Whether both name the same leaves in the same order. */
export function equalRosters(a: readonly GroupMember[], b: readonly GroupMember[]): boolean {
  return (
    a.length === b.length &&
    a.every((member, index) => {
      const other = b[index];
      return other?.leafIndex === member.leafIndex && isSameMember(member, other);
    })
  );
}

function planJoin(
  content: CommitContent,
  pathLeaf: Omit<Leaf, "leafIndex">,
  removed: readonly GroupMember[],
  staying: readonly GroupMember[],
  admission: Admission,
): CommitPlan {
  const inits = content.proposals.filter((proposal) => proposal.kind === "external-init");
  if (inits.length !== 1) refuse("a newcomer's commit holds exactly one ExternalInit");
  if (removed.length > 1) refuse("a newcomer removes at most its own earlier leaf");
  const joiner = readLeaf({ ...pathLeaf, leafIndex: lowestFreeLeaf(staying) }, admission);
  const [earlier] = removed;
  if (earlier && !isSameMember(earlier, joiner)) refuse("a newcomer removes another member");
  if (staying.some((member) => member.participantId === joiner.participantId)) {
    refuse("a newcomer takes the id of a member");
  }
  if (staying.length >= GROUP_LIMITS.members) refuse("the group is full");
  return {
    committer: joiner,
    // Who replaces an own leaf neither came nor went.
    joined: earlier ? [] : [joiner.participantId],
    left: [],
    removedLeaves: removed.map((member) => member.leafIndex),
    roster: [...staying, joiner].sort((a, b) => a.leafIndex - b.leafIndex),
  };
}

function planMemberCommit(
  content: CommitContent,
  senderLeafIndex: number,
  pathLeaf: Omit<Leaf, "leafIndex">,
  removed: readonly GroupMember[],
  staying: readonly GroupMember[],
  admission: Admission,
): CommitPlan {
  if (content.proposals.length !== removed.length) refuse("the commit holds more than removals");
  const committer = staying.find((member) => member.leafIndex === senderLeafIndex);
  if (committer === undefined) refuse("the committer is not a member that stays");
  const leaf = readLeaf({ ...pathLeaf, leafIndex: senderLeafIndex }, admission);
  if (!isSameMember(committer, leaf)) refuse("the committer changes its id or signature key");
  return {
    committer,
    joined: [],
    left: removed.map((member) => member.participantId),
    removedLeaves: removed.map((member) => member.leafIndex),
    roster: staying,
  };
}

function removedMembers(
  proposals: readonly CommitProposal[],
  roster: readonly GroupMember[],
): GroupMember[] {
  const removed: GroupMember[] = [];
  for (const proposal of proposals) {
    if (proposal.kind === "other") refuse("the commit holds a proposal that is not allowed");
    if (proposal.kind === "external-init") continue;
    const member = roster.find(({ leafIndex }) => leafIndex === proposal.leafIndex);
    if (member === undefined) refuse("the commit removes a leaf that is not there");
    if (removed.includes(member)) refuse("the commit removes a leaf twice");
    removed.push(member);
  }
  return removed;
}

function isSameMember(a: GroupMember, b: GroupMember): boolean {
  return a.participantId === b.participantId && equalBytes(a.signatureKey, b.signatureKey);
}

/** Where a newcomer stands: the leftmost blank leaf (RFC 9420 section 7.7). */
function lowestFreeLeaf(roster: readonly GroupMember[]): number {
  const taken = new Set(roster.map((member) => member.leafIndex));
  let leafIndex = 0;
  while (taken.has(leafIndex)) leafIndex += 1;
  return leafIndex;
}
