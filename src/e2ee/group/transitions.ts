import type { Invitation } from "../invitation/invitation.ts";
import { encodeCallState, OPEN_CALL, readCallState } from "./call-state.ts";
import type { CallRules } from "./call-state.ts";
import type { CallGroupOptions } from "./call-group-options.ts";
import type { CommitAction } from "./commit-action.ts";
import { encodeAction } from "./commit-action.ts";
import type { CommitBase, CommitPlan } from "./commit-policy.ts";
import { equalRosters, planCommit } from "./commit-policy.ts";
import { equalBytes } from "./equal-bytes.ts";
import { GroupError, refuse } from "./group-error.ts";
import { createGroupId, isGroupOfRoom } from "./group-id.ts";
import type { LeafAdmission } from "./leaf-admission.ts";
import { byMembership, byProof, byVouch } from "./leaf-admission.ts";
import type { MadeCommit } from "./mls/commit.ts";
import {
  applyCommit,
  authenticateCommit,
  joinExternally,
  makeCommit,
  newState,
} from "./mls/commit.ts";
import { createMlsGroup } from "./mls/found-group.ts";
import type { ReceivedGroupInfo } from "./mls/group-info.ts";
import { decodeGroupInfo, verifyGroupInfo } from "./mls/group-info.ts";
import type { KeyPackageSecrets } from "./mls/key-package.ts";
import { decodeKeyPackage } from "./mls/key-package.ts";
import { viewLeaves } from "./mls/leaf-view.ts";
import type { LeafKeys, OwnLeaf } from "./mls/own-leaf.ts";
import { copyLeafKeys } from "./mls/own-leaf.ts";
import type { CipherSuite } from "./mls/cipher-suite.ts";
import { suiteOf } from "./mls/cipher-suite.ts";
import type { MlsState } from "./mls/state.ts";
import { verifyTree } from "./mls/tree-validation.ts";
import { enterByWelcome, openWelcome } from "./mls/welcome.ts";
import type { ReceivedCommit } from "./mls/wire.ts";
import { decodeCommit } from "./mls/wire.ts";
import type { GroupMember } from "./roster.ts";
import { readRoster } from "./roster.ts";
import type { Standing } from "./standing.ts";
import { standingAfter } from "./standing.ts";

/** Whose leaf it is; how it proves that it may be there follows from the standing. */
export interface Owner {
  readonly suite: CipherSuite;
  readonly participantId: string;
  readonly keys: LeafKeys;
}

/** Somebody who wants in. `keys` are those of an earlier attempt; they are copied. */
export async function ownerOf({
  invitation,
  participantId,
  keys,
  suite = suiteOf(invitation),
}: CallGroupOptions): Promise<Owner> {
  const own = keys === undefined ? await suite.signature.keygen() : copyLeafKeys(keys);
  return { suite, participantId, keys: own };
}

/** A step to the next epoch that was checked on both sides: the commit, and the tree after it. */
export interface Transition {
  readonly next: Standing;
  readonly plan: CommitPlan;
}

export interface OwnTransition extends Transition {
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | undefined;
}

/** What a member's commit is to do. */
export interface Intent {
  readonly removedLeaves: readonly number[];
  /** Encoded KeyPackages. */
  readonly added: readonly Uint8Array[];
  readonly action: CommitAction;
}

/** A group of one member, at epoch 0. */
export async function foundGroup(owner: Owner, invitation: Invitation): Promise<Standing> {
  const groupId = createGroupId(invitation.roomId);
  const state = await createMlsGroup(groupId, ownLeaf(owner, invitation));
  const members = readRoster(viewLeaves(state.suite, state.ratchetTree), byProof(invitation));
  return { state, members, rules: OPEN_CALL, invitation };
}

/** Enters the group of `groupInfo` by an external commit. Throws `GroupError`. */
export async function enterGroup(
  owner: Owner,
  invitation: Invitation,
  groupInfo: Uint8Array,
): Promise<OwnTransition & { readonly epoch: number }> {
  const received = decodeGroupInfo(owner.suite, groupInfo);
  const { members, rules } = await examineGroup(received, invitation);
  const earlier = members.find((member) => member.participantId === owner.participantId);
  if (earlier && !equalBytes(earlier.signatureKey, owner.keys.publicKey)) {
    refuse("another leaf has this participant's id");
  }
  if (!earlier && rules.locked) throw new GroupError("locked", "the call is locked");
  if (!earlier && members.length >= owner.suite.maxMembers) {
    throw new GroupError("full", "the group is full");
  }
  await assertTree(received);
  const made = await guard(() =>
    joinExternally(received, ownLeaf(owner, invitation), earlier?.leafIndex),
  );
  const { maxMembers } = owner.suite;
  const base = { members, rules, admission: invitation, maxMembers };
  const transition = await checkOwn(made, base, invitation);
  return { ...transition, welcome: undefined, epoch: received.epoch };
}

/** Enters by what a member sealed to the own KeyPackage. Throws `GroupError`. */
export async function acceptWelcome(
  owner: Owner,
  invitation: Invitation,
  welcome: Uint8Array,
  secrets: KeyPackageSecrets,
): Promise<Standing> {
  const opened = await guard(() => openWelcome(owner.suite, welcome, secrets));
  const { members, rules } = await examineGroup(opened, invitation);
  await assertTree(opened);
  const { epoch, leafIndex, keys } = await guard(() => enterByWelcome(opened, secrets));
  const own = members.find((member) => member.leafIndex === leafIndex);
  if (own?.participantId !== owner.participantId) refuse("the Welcome gives another's place");
  const leaf = ownLeaf(owner, invitation);
  return { state: newState(epoch, opened.tree, leaf, leafIndex, keys), members, rules, invitation };
}

/** Throws `GroupError`. */
export async function makeTransition(
  standing: Standing,
  owner: Owner,
  { removedLeaves, added, action }: Intent,
): Promise<OwnTransition> {
  const { state, members, rules, invitation } = standing;
  const made = await guard(() =>
    makeCommit(state, ownLeaf(owner, invitation), {
      removedLeaves,
      added: added.map(decodeKeyPackage),
      authenticatedData: encodeAction(action),
      callState: ({ groupContext }) => encodeCallState(rules, groupContext, invitation),
    }),
  );
  const { maxMembers } = state.suite;
  const base = { members, rules, admission: invitation, maxMembers };
  return { ...(await checkOwn(made, base, invitation)), welcome: made.welcome };
}

/** Follows somebody's commit. Throws `GroupError`: `refused`, `removed`, `kicked`. */
export async function followCommit(
  { state, members, rules, invitation }: Standing,
  received: ReceivedCommit,
): Promise<Transition> {
  const { maxMembers } = state.suite;
  const base = { members, rules, admission: invitation, maxMembers };
  const plan = planCommit(received.content, base);
  if (plan.removedLeaves.includes(state.privatePath.leafIndex)) {
    await guard(() => authenticateCommit(state, received));
    const code = plan.action === "kick" ? "kicked" : "removed";
    throw new GroupError(code, `this member was ${code} by ${plan.committer.participantId}`);
  }
  const next = await guard(() => applyCommit(state, received));
  assertPlanned(next, plan, members, invitation);
  return { next: await standingAfter(next, plan, invitation), plan };
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

/**
 * A group as a newcomer meets it: of this room, everybody in it admitted, said by a member, in
 * this order.
 */
async function examineGroup(
  received: ReceivedGroupInfo,
  invitation: Invitation,
): Promise<{ members: readonly GroupMember[]; rules: CallRules }> {
  const { groupContext } = received.groupInfo;
  if (!isGroupOfRoom(received.groupId, invitation.roomId)) refuse("the group is of another room");
  const rules = readCallState(received.callState, groupContext, invitation);
  if (rules === undefined) throw new GroupError("link-void", "the link is not the present one");
  const admission: LeafAdmission = rules.readmitted ? byVouch : byProof(invitation);
  const members = readRoster(received.leaves, admission);
  await guard(() => verifyGroupInfo(received));
  return { members, rules };
}

/** The tree is the one that was agreed on. It costs most, so that it comes last. */
async function assertTree({ suite, tree, groupId, groupInfo }: ReceivedGroupInfo): Promise<void> {
  await guard(() => verifyTree(suite, tree, groupId, groupInfo.groupContext.treeHash));
}

/** Holds an own commit to what the others will hold it to. */
async function checkOwn(
  { commit, next }: MadeCommit,
  base: CommitBase,
  invitation: Invitation,
): Promise<Omit<OwnTransition, "welcome">> {
  const plan = planCommit(decodeCommit(next.suite, commit).content, base);
  assertPlanned(next, plan, base.members, invitation);
  return { commit, next: await standingAfter(next, plan, invitation), plan };
}

function assertPlanned(
  next: MlsState,
  plan: CommitPlan,
  before: readonly GroupMember[],
  invitation: Invitation,
): void {
  const roster = readRoster(
    viewLeaves(next.suite, next.ratchetTree),
    byMembership(before, invitation),
  );
  if (!equalRosters(roster, plan.roster)) {
    refuse("the commit changes the tree in a way that it does not say");
  }
}

function ownLeaf(owner: Owner, admission: Invitation): OwnLeaf {
  return { ...owner, admission };
}
