import type { KeyPackage, Proposal } from "ts-mls";
import type { Commit } from "ts-mls/commit.js";
import type { FramedContentCommit } from "ts-mls/framedContent.js";
import { createContentCommitSignature } from "ts-mls/framedContent.js";
import type { GroupContext } from "ts-mls/groupContext.js";
import { protectPublicMessage, unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import type { Sender } from "ts-mls/sender.js";
import { equalBytes } from "../equal-bytes.ts";
import { refuse } from "../group-error.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import type { EpochState, NextEpoch } from "./epoch.ts";
import { beginEpoch } from "./epoch.ts";
import { makeInitSecret, openInitSecret } from "./external-key.ts";
import type { ReceivedGroupInfo } from "./group-info.ts";
import { verifyAdded } from "./key-package.ts";
import type { OwnLeaf } from "./own-leaf.ts";
import { credentialOf, leafTemplate } from "./own-leaf.ts";
import type { NodeKeys } from "./path-secrets.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import { addLeaf, leafAt, removeLeaf } from "./ratchet-tree.ts";
import type { MlsState } from "./state.ts";
import { pastWith, wipe } from "./state.ts";
import { directPath, nodeOfLeaf } from "./tree-math.ts";
import { verifyLeafSignature } from "./tree-validation.ts";
import type { MadePath, PathBase } from "./update-path.ts";
import { applyPath, makePath, openPath } from "./update-path.ts";
import type { ReceivedCommit } from "./wire.ts";
import { encodePublicMessage } from "./wire.ts";
import { makeWelcome } from "./welcome.ts";

/** A commit that was made, and the state once the delivery service has accepted it. */
export interface MadeCommit {
  readonly commit: Uint8Array;
  readonly next: MlsState;
}

export interface MemberCommit extends MadeCommit {
  /** For those whom the commit adds; undefined when it adds nobody. */
  readonly welcome: Uint8Array | undefined;
}

/** What a member's commit does besides renewing its leaf. */
export interface Changes {
  readonly removedLeaves: readonly number[];
  readonly added: readonly KeyPackage[];
  /** Signed with the commit and not secret. */
  readonly authenticatedData: Uint8Array;
  /** What the Welcome's GroupInfo says of the call. */
  readonly callState: (epoch: NextEpoch) => Uint8Array | undefined;
}

export const NO_CHANGES: Changes = {
  removedLeaves: [],
  added: [],
  authenticatedData: new Uint8Array(),
  callState: () => undefined,
};

/** Always with a path, so that nobody it removes learns what follows (RFC 9420 section 12.4.1). */
export async function makeCommit(
  state: MlsState,
  owner: OwnLeaf,
  changes: Changes = NO_CHANGES,
): Promise<MemberCommit> {
  const committer = state.privatePath.leafIndex;
  const own = leafAt(state.ratchetTree, committer);
  if (own === undefined) throw new RangeError("this member has no leaf");
  const { base, addedLeaves } = mutate(state, committer, changes.removedLeaves, changes.added);
  base.tree[nodeOfLeaf(committer)] = {
    nodeType: "leaf",
    leaf: { ...own, credential: credentialOf(owner) },
  };
  const made = await makePath(base, owner.keys.signKey);
  const sender = { senderType: "member", leafIndex: committer } as const;
  const proposals = [
    ...changes.removedLeaves.map((removed): Proposal => ({
      proposalType: "remove",
      remove: { removed },
    })),
    ...changes.added.map((keyPackage): Proposal => ({ proposalType: "add", add: { keyPackage } })),
  ];
  const framed = await sign(
    state.suite,
    state.groupContext,
    sender,
    proposals,
    made,
    changes,
    owner,
  );
  const epoch = await beginEpoch({
    ...state,
    ...framed,
    ...made,
    context: state.groupContext,
    initSecret: state.keySchedule.initSecret,
  });
  const { membershipKey } = state.keySchedule;
  const commit = await protect(state.suite, state.groupContext, membershipKey, framed, epoch);
  const welcome =
    addedLeaves.length === 0
      ? undefined
      : await makeWelcome(made, epoch, {
          committer,
          signKey: owner.keys.signKey,
          addedLeaves,
          keyPackages: changes.added,
          callState: changes.callState(epoch),
        });
  wipeJoining(epoch);
  wipe([...made.secrets.values()]);
  const past = pastWith(state);
  const privateKeys = keysInUse(made.tree, committer, {
    ...state.privatePath.privateKeys,
    ...made.keys,
  });
  return {
    commit,
    welcome,
    next: {
      ...state,
      ...stateOf(epoch),
      ratchetTree: made.tree,
      past,
      privatePath: { leafIndex: committer, privateKeys },
    },
  };
}

/**
 * A newcomer's own commit (RFC 9420 section 12.4.3.2). `replacedLeaf` is the own earlier leaf,
 * which the same commit removes.
 */
export async function joinExternally(
  received: ReceivedGroupInfo,
  owner: OwnLeaf,
  replacedLeaf: number | undefined,
): Promise<MadeCommit> {
  const { suite, groupInfo, externalKey } = received;
  const { groupContext: context } = groupInfo;
  const { kemOutput, secret: initSecret } = await makeInitSecret(suite, externalKey);
  const tree = received.tree.slice();
  if (replacedLeaf !== undefined) removeLeaf(tree, replacedLeaf);
  const committer = addLeaf(tree, leafTemplate(owner));
  const base = { suite, tree, committer, added: new Set<number>(), context };
  const made = await makePath(base, owner.keys.signKey);
  const proposals: Proposal[] = [{ proposalType: "external_init", externalInit: { kemOutput } }];
  if (replacedLeaf !== undefined) {
    proposals.unshift({ proposalType: "remove", remove: { removed: replacedLeaf } });
  }
  const sender = { senderType: "new_member_commit" } as const;
  const framed = await sign(suite, context, sender, proposals, made, NO_CHANGES, owner);
  const { confirmationTag } = groupInfo;
  const epoch = await beginEpoch({
    suite,
    ...framed,
    ...made,
    context,
    confirmationTag,
    initSecret,
  });
  wipeJoining(epoch);
  wipe([initSecret, ...made.secrets.values()]);
  const commit = await protect(suite, context, epoch.keySchedule.membershipKey, framed, epoch);
  return { commit, next: newState(epoch, made.tree, owner, committer, made.keys) };
}

/**
 * Follows a commit whose proposals the policy has looked at. Throws `GroupError` (`refused`) or the
 * library's errors when it is not valid at this state, or removes this member.
 */
export async function applyCommit(state: MlsState, { message }: ReceivedCommit): Promise<MlsState> {
  const { suite } = state;
  const content = await authenticate(state, message);
  const { path } = content.commit;
  if (path === undefined) refuse("the commit carries no path");
  const { removedLeaves, added, kemOutput } = sortProposals(content.commit);
  const own = state.privatePath.leafIndex;
  if (removedLeaves.includes(own)) refuse("the commit removes this member");
  await Promise.all(added.map((keyPackage) => verifyAdded(suite, keyPackage)));
  const isExternal = content.sender.senderType === "new_member_commit";
  const committer = content.sender.senderType === "member" ? content.sender.leafIndex : -1;
  const { base } = mutate(state, committer, removedLeaves, added);
  const placed = isExternal ? { ...base, committer: addLeaf(base.tree, path.leafNode) } : base;
  await verifyLeafSignature(suite, path.leafNode, placed.committer, state.groupContext.groupId);
  // The newcomer's leaf came with the path: it is not a key that was there before.
  if (isExternal) blankKey(placed);
  const tree = applyPath(placed, path);
  const { keys, commitSecret } = await openPath(
    placed,
    tree,
    path,
    own,
    state.privatePath.privateKeys,
  );
  const initSecret =
    kemOutput === undefined ? state.keySchedule.initSecret : await openInitSecret(state, kemOutput);
  const { auth } = message;
  if (auth.contentType !== "commit") refuse("the commit carries no confirmation tag");
  const { signature } = auth;
  const context = state.groupContext;
  const epoch = await beginEpoch({
    ...state,
    context,
    content,
    signature,
    tree,
    commitSecret,
    initSecret,
  });
  wipeJoining(epoch);
  if (kemOutput !== undefined) initSecret.fill(0);
  if (!equalBytes(epoch.confirmationTag, auth.confirmationTag)) {
    refuse("the commit's confirmation tag is not valid");
  }
  const past = pastWith(state);
  const privateKeys = keysInUse(tree, own, { ...state.privatePath.privateKeys, ...keys });
  return {
    ...state,
    ...stateOf(epoch),
    ratchetTree: tree,
    past,
    privatePath: { leafIndex: own, privateKeys },
  };
}

/**
 * Checks only that the commit is by whom it says: signature and, of a member, membership tag. That
 * is all that a member whom it shuts out can check. Throws the library's errors.
 */
export async function authenticateCommit(
  state: MlsState,
  { message }: ReceivedCommit,
): Promise<void> {
  await authenticate(state, message);
}

/** The state of somebody who has just entered. */
export function newState(
  epoch: EpochState,
  ratchetTree: RatchetTree,
  owner: OwnLeaf,
  leafIndex: number,
  privateKeys: NodeKeys,
): MlsState {
  return {
    ...stateOf(epoch),
    ratchetTree,
    privatePath: { leafIndex, privateKeys },
    signaturePrivateKey: owner.keys.signKey,
    past: new Map(),
  };
}

interface Framed {
  readonly content: FramedContentCommit;
  readonly signature: Uint8Array;
}

function mutate(
  { suite, ratchetTree, groupContext }: MlsState,
  committer: number,
  removedLeaves: readonly number[],
  added: readonly KeyPackage[],
): { base: PathBase; addedLeaves: number[] } {
  const tree = ratchetTree.slice();
  for (const leafIndex of removedLeaves) removeLeaf(tree, leafIndex);
  const addedLeaves = added.map(({ leafNode }) => addLeaf(tree, leafNode));
  const base = { suite, tree, committer, added: new Set(addedLeaves), context: groupContext };
  return { base, addedLeaves };
}

async function sign(
  suite: CipherSuite,
  context: GroupContext,
  sender: Sender,
  proposals: readonly Proposal[],
  { path }: MadePath,
  { authenticatedData }: Pick<Changes, "authenticatedData">,
  { keys }: OwnLeaf,
): Promise<Framed> {
  const { framedContent, signature } = await createContentCommitSignature(
    context,
    "mls_public_message",
    {
      proposals: proposals.map((proposal) => ({ proposalOrRefType: "proposal", proposal })),
      path,
    },
    sender,
    authenticatedData,
    keys.signKey,
    suite.signature,
  );
  return { content: framedContent, signature };
}

async function protect(
  suite: CipherSuite,
  context: GroupContext,
  membershipKey: Uint8Array,
  { content, signature }: Framed,
  { confirmationTag }: NextEpoch,
): Promise<Uint8Array> {
  const auth = { contentType: "commit", signature, confirmationTag } as const;
  const authenticated = { wireformat: "mls_public_message", content, auth } as const;
  return encodePublicMessage(
    await protectPublicMessage(membershipKey, context, authenticated, suite),
  );
}

async function authenticate(
  state: MlsState,
  message: ReceivedCommit["message"],
): Promise<FramedContentCommit> {
  const { content } = await unprotectPublicMessage(
    state.keySchedule.membershipKey,
    state.groupContext,
    state.ratchetTree,
    message,
    state.suite,
  );
  if (content.contentType !== "commit") refuse("not an MLS commit");
  return content;
}

function sortProposals({ proposals }: Commit) {
  const removedLeaves: number[] = [];
  const added: KeyPackage[] = [];
  let kemOutput: Uint8Array | undefined;
  for (const entry of proposals) {
    const proposal = entry.proposalOrRefType === "proposal" ? entry.proposal : undefined;
    if (proposal === undefined || typeof proposal.proposalType === "number")
      refuse("a proposal that is not allowed");
    if (proposal.proposalType === "remove") removedLeaves.push(proposal.remove.removed);
    else if (proposal.proposalType === "add") added.push(proposal.add.keyPackage);
    else if (proposal.proposalType === "external_init") kemOutput = proposal.externalInit.kemOutput;
    else refuse("a proposal that is not allowed");
  }
  return { removedLeaves, added, kemOutput };
}

function blankKey({ tree, committer }: PathBase): void {
  const leaf = leafAt(tree, committer);
  if (leaf === undefined) return;
  const hpkePublicKey = new Uint8Array();
  tree[nodeOfLeaf(committer)] = { nodeType: "leaf", leaf: { ...leaf, hpkePublicKey } };
}

/** Keys of nodes that are blank by now open nothing that is still to come. */
function keysInUse(tree: RatchetTree, leafIndex: number, keys: NodeKeys): NodeKeys {
  const kept: NodeKeys = {};
  for (const node of [nodeOfLeaf(leafIndex), ...directPath(leafIndex, tree.length)]) {
    const key = keys[node];
    if (key !== undefined && tree[node] !== undefined) kept[node] = key;
  }
  return kept;
}

function stateOf({
  suite,
  groupContext,
  keySchedule,
  secretTree,
  unreached,
  confirmationTag,
}: EpochState): EpochState {
  return { suite, groupContext, keySchedule, secretTree, unreached, confirmationTag };
}

function wipeJoining({ joinerSecret, welcomeSecret }: NextEpoch): void {
  joinerSecret.fill(0);
  welcomeSecret.fill(0);
}
