import type { CommitPlan } from "./commit-policy.ts";
import { equalRosters, planCommit } from "./commit-policy.ts";
import { equalBytes } from "./equal-bytes.ts";
import { GroupError, refuse } from "./group-error.ts";
import { createGroupId, isGroupOfRoom } from "./group-id.ts";
import { GROUP_LIMITS } from "./group-limits.ts";
import type { Admission } from "./leaf-identity.ts";
import { decodeGroupInfo, verifyGroupInfo } from "./mls/group-info.ts";
import { viewLeaves } from "./mls/leaf-view.ts";
import type { MadeCommit, OwnLeaf } from "./mls/operations.ts";
import {
  applyCommit,
  authenticateCommit,
  createMlsGroup,
  joinExternally,
  makeCommit,
} from "./mls/operations.ts";
import type { MlsState } from "./mls/state.ts";
import type { ReceivedCommit } from "./mls/wire.ts";
import { decodeCommit } from "./mls/wire.ts";
import type { GroupMember } from "./roster.ts";
import { readRoster } from "./roster.ts";

/** A step to the next epoch that was checked on both sides: the commit, and the tree after it. */
export interface Transition {
  readonly next: MlsState;
  readonly plan: CommitPlan;
}

export interface OwnTransition extends Transition {
  readonly commit: Uint8Array;
}

/** A group of one member, at epoch 0. */
export async function foundGroup(
  own: OwnLeaf,
): Promise<{ state: MlsState; members: readonly GroupMember[] }> {
  const state = await createMlsGroup(createGroupId(own.admission.roomId), own);
  return { state, members: rosterOf(state, own.admission) };
}

/** Enters the group of `groupInfo` by an external commit. Throws `GroupError`. */
export async function enterGroup(
  own: OwnLeaf,
  groupInfo: Uint8Array,
): Promise<OwnTransition & { readonly epoch: number }> {
  const { admission, keys, participantId } = own;
  const received = decodeGroupInfo(groupInfo);
  if (!isGroupOfRoom(received.groupId, admission.roomId)) refuse("the group is of another room");
  // All this comes before the library goes through the tree, so that only a member of the group
  // can make it work on one.
  const roster = readRoster(received.leaves, admission);
  await guard(() => verifyGroupInfo(received));
  const earlier = roster.find((member) => member.participantId === participantId);
  if (earlier && !equalBytes(earlier.signatureKey, keys.publicKey)) {
    refuse("another leaf has this participant's id");
  }
  if (!earlier && roster.length >= GROUP_LIMITS.members) {
    throw new GroupError("full", "the group is full");
  }
  const made = await guard(() => joinExternally(received, own, earlier !== undefined));
  return { ...checkOwn(made, roster, admission), epoch: received.epoch };
}

/** Removes the leaves, or renews the own one if none are given. Throws `GroupError`. */
export async function makeTransition(
  state: MlsState,
  roster: readonly GroupMember[],
  removedLeaves: readonly number[],
  admission: Admission,
): Promise<OwnTransition> {
  return checkOwn(await guard(() => makeCommit(state, removedLeaves)), roster, admission);
}

/** Follows somebody's commit; "removed" when it shuts this member out. Throws `GroupError`. */
export async function followCommit(
  state: MlsState,
  roster: readonly GroupMember[],
  received: ReceivedCommit,
  admission: Admission,
): Promise<Transition | "removed"> {
  const plan = planCommit(received.content, roster, admission);
  if (plan.removedLeaves.includes(state.privatePath.leafIndex)) {
    await guard(() => authenticateCommit(state, received));
    return "removed";
  }
  const next = await guard(() => applyCommit(state, received));
  assertPlanned(next, plan, admission);
  return { next, plan };
}

/** Turns whatever the library throws at bytes from outside into a refusal. */
export async function guard<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof GroupError) throw cause;
    return refuse("the message is not valid in this group", cause);
  }
}

/** Holds an own commit to what the others will hold it to. */
function checkOwn(
  { commit, next }: MadeCommit,
  roster: readonly GroupMember[],
  admission: Admission,
): OwnTransition {
  const plan = planCommit(decodeCommit(commit).content, roster, admission);
  assertPlanned(next, plan, admission);
  return { commit, next, plan };
}

function assertPlanned(next: MlsState, plan: CommitPlan, admission: Admission): void {
  if (!equalRosters(rosterOf(next, admission), plan.roster)) {
    refuse("the commit changes the tree in a way that it does not say");
  }
}

function rosterOf(state: MlsState, admission: Admission): GroupMember[] {
  return readRoster(viewLeaves(state.ratchetTree), admission);
}
