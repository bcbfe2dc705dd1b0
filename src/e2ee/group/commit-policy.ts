import type { CallRules } from "./call-state.ts";
import type { CommitAction } from "./commit-action.ts";
import { decodeAction } from "./commit-action.ts";
import { equalBytes } from "./equal-bytes.ts";
import { refuse } from "./group-error.ts";
import type { LeafAdmission } from "./leaf-admission.ts";
import { byMembership } from "./leaf-admission.ts";
import type { Admission } from "./leaf-identity.ts";
import type { GroupMember, Leaf } from "./roster.ts";
import { readLeaf } from "./roster.ts";

/** A leaf that is to be placed. */
type NewLeaf = Omit<Leaf, "leafIndex">;

/** A commit as its sender wrote it, free of the MLS library's types. Not authenticated yet. */
export interface CommitContent {
  /** The leaf that commits, or undefined for a newcomer's external commit. */
  readonly senderLeafIndex: number | undefined;
  readonly proposals: readonly CommitProposal[];
  /** The committer's new leaf; undefined when the commit has no path. */
  readonly pathLeaf: NewLeaf | undefined;
  /** An encoded `CommitAction`. */
  readonly authenticatedData: Uint8Array;
}

export type CommitProposal =
  | { readonly kind: "remove"; readonly leafIndex: number }
  | { readonly kind: "add"; readonly leaf: NewLeaf }
  | { readonly kind: "external-init" }
  /** Anything else, by reference included: never allowed. */
  | { readonly kind: "other" };

/** What the members stand on when a commit comes. */
export interface CommitBase {
  readonly members: readonly GroupMember[];
  readonly rules: CallRules;
  readonly admission: Admission;
  /** Of the group's suite. */
  readonly maxMembers: number;
}

/** What a commit does if it is valid: the roster after it is exactly `roster`. */
export interface CommitPlan {
  readonly committer: GroupMember;
  readonly action: CommitAction;
  /** Whom a member lets in, those who come again in place of their own leaf included. */
  readonly added: readonly string[];
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly removedLeaves: readonly number[];
  readonly roster: readonly GroupMember[];
  readonly rules: CallRules;
}

/**
 * The rules that each member holds each commit to, before anything of it is applied:
 * - it carries a path, so that nobody it shuts out derives what follows;
 * - a member's commit holds Remove and Add proposals, or nothing at all (a leaf update);
 * - a newcomer's holds one ExternalInit, and at most a Remove of its own earlier leaf, which had
 *   the same id *and* the same signature key: the link alone lets nobody replace another;
 * - whoever comes proves that they hold the present link, and nobody comes while the call is locked;
 * - a leaf keeps its id and signature key for as long as it is in the tree;
 * - kicking, locking and unlocking are a member's, and stand in what it signs.
 * Throws `GroupError` (`refused`).
 */
export function planCommit(content: CommitContent, base: CommitBase): CommitPlan {
  const { members } = base;
  const removed = removedMembers(content.proposals, members);
  if (content.pathLeaf === undefined) refuse("the commit carries no path");
  const parts: Parts = {
    content,
    pathLeaf: content.pathLeaf,
    removed,
    staying: members.filter((member) => !removed.includes(member)),
    admission: byMembership(members, base.admission),
  };
  const plan =
    content.senderLeafIndex === undefined
      ? planJoin(parts)
      : planMemberCommit(parts, content.senderLeafIndex);
  if (plan.roster.length > base.maxMembers) refuse("the group is full");
  if (base.rules.locked && plan.joined.length > 0) refuse("the call is locked");
  return { ...plan, rules: rulesAfter(base.rules, plan.action) };
}

interface Parts {
  readonly content: CommitContent;
  readonly pathLeaf: NewLeaf;
  readonly removed: readonly GroupMember[];
  readonly staying: readonly GroupMember[];
  readonly admission: LeafAdmission;
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

function planJoin(parts: Parts): Omit<CommitPlan, "rules"> {
  const { content, pathLeaf, removed, staying, admission } = parts;
  const inits = content.proposals.filter((proposal) => proposal.kind === "external-init");
  if (inits.length !== 1) refuse("a newcomer's commit holds exactly one ExternalInit");
  if (content.proposals.some((proposal) => proposal.kind === "add")) {
    refuse("a newcomer adds others");
  }
  if (removed.length > 1) refuse("a newcomer removes at most its own earlier leaf");
  if (content.authenticatedData.length > 0) refuse("a newcomer's commit asks for more");
  const joiner = readLeaf({ ...pathLeaf, leafIndex: lowestFreeLeaf(staying) }, admission);
  const [earlier] = removed;
  if (earlier && !isSameMember(earlier, joiner)) refuse("a newcomer removes another member");
  assertFreeId(joiner, staying);
  return {
    committer: joiner,
    action: "none",
    added: [],
    // Who replaces an own leaf neither came nor went.
    joined: earlier ? [] : [joiner.participantId],
    left: [],
    removedLeaves: removed.map((member) => member.leafIndex),
    roster: byLeaf([...staying, joiner]),
  };
}

function planMemberCommit(parts: Parts, senderLeafIndex: number): Omit<CommitPlan, "rules"> {
  const { content, pathLeaf, removed, staying, admission } = parts;
  if (content.proposals.some((proposal) => proposal.kind === "external-init")) {
    refuse("a member's commit holds a newcomer's proposal");
  }
  const committer = staying.find((member) => member.leafIndex === senderLeafIndex);
  if (committer === undefined) refuse("the committer is not a member that stays");
  const leaf = readLeaf({ ...pathLeaf, leafIndex: senderLeafIndex }, admission);
  if (!isSameMember(committer, leaf)) refuse("the committer changes its id or signature key");
  const roster = placeAdded(parts);
  const action = decodeAction(content.authenticatedData);
  const added = roster.filter((member) => !staying.includes(member));
  if (action === "kick" && (removed.length === 0 || added.length > 0)) {
    refuse("a kick removes somebody and adds nobody");
  }
  const isReplaced = ({ participantId }: GroupMember) =>
    added.some((member) => member.participantId === participantId);
  const left = removed.filter((member) => !isReplaced(member));
  const returned = (member: GroupMember) =>
    removed.some(({ participantId }) => participantId === member.participantId);
  return {
    committer,
    action,
    added: added.map((member) => member.participantId),
    joined: added.filter((member) => !returned(member)).map((member) => member.participantId),
    left: left.map((member) => member.participantId),
    removedLeaves: removed.map((member) => member.leafIndex),
    roster,
  };
}

/** Newcomers take the leftmost blank leaves, in the order of their proposals. */
function placeAdded({ content, removed, staying, admission }: Parts): readonly GroupMember[] {
  const roster = [...staying];
  const taken = new Set(staying.map((member) => member.leafIndex));
  let leafIndex = 0;
  for (const proposal of content.proposals) {
    if (proposal.kind !== "add") continue;
    while (taken.has(leafIndex)) leafIndex += 1;
    taken.add(leafIndex);
    const member = readLeaf({ ...proposal.leaf, leafIndex }, admission);
    const earlier = removed.find(({ participantId }) => participantId === member.participantId);
    if (earlier && !isSameMember(earlier, member)) refuse("the commit replaces another member");
    assertFreeId(member, roster);
    roster.push(member);
  }
  return byLeaf(roster);
}

function rulesAfter(rules: CallRules, action: CommitAction): CallRules {
  if (action === "kick") return { ...rules, readmitted: true };
  if (action === "none") return rules;
  return { ...rules, locked: action === "lock" };
}

function removedMembers(
  proposals: readonly CommitProposal[],
  members: readonly GroupMember[],
): GroupMember[] {
  const removed: GroupMember[] = [];
  for (const proposal of proposals) {
    if (proposal.kind === "other") refuse("the commit holds a proposal that is not allowed");
    if (proposal.kind !== "remove") continue;
    const member = members.find(({ leafIndex }) => leafIndex === proposal.leafIndex);
    if (member === undefined) refuse("the commit removes a leaf that is not there");
    if (removed.includes(member)) refuse("the commit removes a leaf twice");
    removed.push(member);
  }
  return removed;
}

function assertFreeId(newcomer: GroupMember, members: readonly GroupMember[]): void {
  if (members.some(({ participantId }) => participantId === newcomer.participantId)) {
    refuse("a newcomer takes the id of a member");
  }
}

function byLeaf(members: GroupMember[]): GroupMember[] {
  return members.sort((a, b) => a.leafIndex - b.leafIndex);
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
