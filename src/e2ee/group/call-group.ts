import { ClosedError } from "../../lib/closed-error.ts";
import { SerialQueue } from "../../lib/serial-queue.ts";
import type { EpochKeys } from "../frame/epoch-keys.ts";
import type { Invitation } from "../invitation/invitation.ts";
import type { CallGroupOptions } from "./call-group-options.ts";
import { equalBytes } from "./equal-bytes.ts";
import { BASE_KEY_BYTES, EXPORTER_LABEL, mixFrameBaseKey } from "./frame-base-key.ts";
import { epochTagOf } from "./epoch-tag.ts";
import { GroupError, isRemoval, refuse, wrongEpoch } from "./group-error.ts";
import { GROUP_LIMITS } from "./group-limits.ts";
import { exportSecret, openData, sealData } from "./mls/application-data.ts";
import { encodeGroupInfo } from "./mls/group-info.ts";
import { copyLeafKeys } from "./mls/own-leaf.ts";
import type { MlsState } from "./mls/state.ts";
import {
  discard,
  epochOf,
  pastWith,
  retire,
  messagesOf,
  wipeState,
  withSecretTree,
} from "./mls/state.ts";
import type { Received, ReceivedCommit } from "./mls/wire.ts";
import { decodeCommit, decodeMessage } from "./mls/wire.ts";
import { chooseNewcomers } from "./newcomers.ts";
import type { CommitOutcome, GroupChange, PendingCommit } from "./pending-commit.ts";
import type { GroupMember } from "./roster.ts";
import type { Standing } from "./standing.ts";
import { callStateOf } from "./standing.ts";
import type { Intent, Owner, OwnTransition, Transition } from "./transitions.ts";
import type { CommitAction } from "./commit-action.ts";
import {
  enterGroup,
  followCommit,
  foundGroup,
  guard,
  makeTransition,
  ownerOf,
} from "./transitions.ts";

export interface GroupEntry {
  /** Counts once the delivery service has accepted `commit`; close it otherwise. */
  readonly group: CallGroup;
  readonly commit: Uint8Array;
  /** The epoch that the commit ends; `group` stands at the next. */
  readonly epoch: number;
}

interface Prepared extends OwnTransition {
  readonly base: MlsState;
}

/**
 * One member's view of the MLS group of a call (RFC 9420). What it is asked happens one after
 * another; whatever fails leaves the group as it was. Commits are processed in the order that the
 * delivery service gave them; each is held to the rules of `planCommit`.
 */
export class CallGroup {
  readonly #owner: Owner;
  readonly #queue = new SerialQueue("call group");
  /** Own commits of this epoch of which nothing is known yet. */
  readonly #prepared = new Set<Prepared>();
  #standing: Standing;
  #closeReason: string | undefined;

  /** @internal Somebody who stands there; see `create`, `join` and `Newcomer`. */
  constructor(owner: Owner, standing: Standing) {
    this.#owner = owner;
    this.#standing = standing;
  }

  /** A new group of one member, at epoch 0. */
  static async create(options: CallGroupOptions): Promise<CallGroup> {
    const owner = await ownerOf(options);
    return new CallGroup(owner, await foundGroup(owner, options.invitation));
  }

  /**
   * Enters a group by an external commit. Throws `GroupError`: `refused` when the GroupInfo is not
   * one of this room, of our suite and by a member, or when somebody in it fails to prove that they
   * hold the link; `link-void`, `locked`, `full`.
   */
  static async join(options: CallGroupOptions, groupInfo: Uint8Array): Promise<GroupEntry> {
    return CallGroup.#enter(await ownerOf(options), options.invitation, groupInfo);
  }

  static async #enter(
    owner: Owner,
    invitation: Invitation,
    groupInfo: Uint8Array,
  ): Promise<GroupEntry> {
    const { commit, next, epoch } = await enterGroup(owner, invitation, groupInfo);
    return { group: new CallGroup(owner, next), commit, epoch };
  }

  get epoch(): number {
    return epochOf(this.#state);
  }

  /** The link that lets people in now: a kick changes it. */
  get invitation(): Invitation {
    return this.#standing.invitation;
  }

  /** Nobody is let in. */
  get locked(): boolean {
    return this.#standing.rules.locked;
  }

  get ownLeafIndex(): number {
    return this.#state.privatePath.leafIndex;
  }

  get closed(): boolean {
    return this.#closeReason !== undefined;
  }

  /** Exactly who holds keys, by rising leaf index. */
  get members(): readonly GroupMember[] {
    return this.#standing.members;
  }

  /** 64 bytes, equal for the members of an epoch and for nobody else (RFC 9420 section 8.7). */
  get epochAuthenticator(): Uint8Array {
    this.#assertOpen();
    return new Uint8Array(this.#state.keySchedule.epochAuthenticator);
  }

  /** Tells this epoch's state from others without telling anything of it; 22 characters. */
  get epochTag(): string {
    this.#assertOpen();
    return epochTagOf(this.#state.keySchedule.epochAuthenticator);
  }

  /** What a newcomer needs, with the ratchet tree: about 2.7 kB a member. */
  groupInfo(): Promise<Uint8Array> {
    return this.#run(() => encodeGroupInfo(this.#state, callStateOf(this.#standing)));
  }

  /**
   * Enters the group again with the same signature key, in place of the own leaf if that is still
   * there: for a member that cannot make up for what it missed. This object stays as it is, to be
   * closed once the entry was accepted.
   */
  rejoin(groupInfo: Uint8Array): Promise<GroupEntry> {
    return this.#run(() => CallGroup.#enter(this.ownerCopy(), this.invitation, groupInfo));
  }

  /** @internal For entering again; a copy, for closing either group overwrites its own key. */
  ownerCopy(): Owner {
    this.#assertOpen();
    return { ...this.#owner, keys: copyLeafKeys(this.#owner.keys) };
  }

  /** Shuts the participants out. Throws `unknown-participant` for strangers and for oneself. */
  prepareRemove(participantIds: readonly string[]): Promise<PendingCommit> {
    return this.#run(() => this.#prepareRemoval(participantIds, "none"));
  }

  /**
   * Shuts the participants out for good: the link becomes void in the same step, and everybody
   * sees who did it. Throws `unknown-participant`.
   */
  prepareKick(participantIds: readonly string[]): Promise<PendingCommit> {
    return this.#run(() => this.#prepareRemoval(participantIds, "kick"));
  }

  /** From the next epoch on nobody is let in, or newcomers are again. */
  prepareLock(locked: boolean): Promise<PendingCommit> {
    const action = locked ? "lock" : "unlock";
    return this.#run(() => this.#prepare({ removedLeaves: [], added: [], action }));
  }

  /**
   * Lets newcomers in and shuts leavers out by one commit; a leaf update if nobody is left of
   * either. Whoever may not come in, or is no member, is passed over. `nowMs` is the time of day.
   */
  prepareChange({ remove = [], add = [] }: GroupChange, nowMs: number): Promise<PendingCommit> {
    return this.#run(async () => {
      const leaving = this.members.filter(
        ({ participantId, leafIndex }) =>
          remove.includes(participantId) && leafIndex !== this.ownLeafIndex,
      );
      const chosen = await chooseNewcomers(this.#standing, leaving, add, nowMs);
      const removedLeaves = [...leaving, ...chosen.replaced].map(({ leafIndex }) => leafIndex);
      return this.#prepare({ removedLeaves, added: chosen.added, action: "none" });
    });
  }

  /** Renews the own leaf's keys, so that whoever had stolen them is shut out. */
  prepareUpdate(): Promise<PendingCommit> {
    return this.#run(() => this.#prepare({ removedLeaves: [], added: [], action: "none" }));
  }

  /**
   * Follows a commit that the delivery service accepted, an own pending one included. Throws
   * `GroupError`: `wrong-epoch`; `refused`; `removed` or `kicked`, after which the group
   * is closed.
   */
  process(commit: Uint8Array): Promise<CommitOutcome> {
    return this.#run(async () => {
      for (const prepared of this.#prepared) {
        if (equalBytes(prepared.commit, commit)) return this.#advance(prepared.base, prepared);
      }
      const received = decodeCommit(this.#owner.suite, commit);
      const base = this.#state;
      this.#assertOfThisGroup(received);
      if (received.epoch !== this.epoch) throw wrongEpoch(received.epoch);
      const transition = await this.#followCommit(received);
      if (!this.#isCurrent(base)) throw wrongEpoch(received.epoch);
      return this.#advance(base, transition);
    });
  }

  /** Seals at most `GROUP_LIMITS.dataBytes` for the members of this epoch. */
  sealMessage(data: Uint8Array): Promise<{ epoch: number; message: Uint8Array }> {
    return this.#run(async () => {
      if (data.length > GROUP_LIMITS.dataBytes) refuse("the data is too large for one message");
      const { epoch } = this.#state.groupContext;
      const { message, next } = await sealData(this.#state, data);
      this.#assertOpen();
      this.#setState(withSecretTree(this.#state, epoch, next.secretTree));
      return { epoch: Number(epoch), message };
    });
  }

  /**
   * Opens a message of this epoch or of one of the last four, once. Throws `GroupError`:
   * `wrong-epoch`; `refused`, also when its sender is no member any more.
   */
  openMessage(message: Uint8Array): Promise<{ from: string; data: Uint8Array }> {
    return this.#run(async () => {
      const received = decodeMessage(message);
      this.#assertOfThisGroup(received);
      const epoch = BigInt(received.epoch);
      if (messagesOf(this.#state, epoch) === undefined) throw wrongEpoch(received.epoch);
      const { data, senderKey, next } = await guard(() => openData(this.#state, received));
      this.#assertOpen();
      this.#setState(withSecretTree(this.#state, epoch, messagesOf(next, epoch)?.secretTree));
      const sender = this.#standing.members.find((member) =>
        equalBytes(member.signatureKey, senderKey),
      );
      if (sender === undefined) refuse("the message's sender is no member any more");
      return { from: sender.participantId, data };
    });
  }

  /** The keys of this epoch for the frame layer. */
  frameKeys(): Promise<EpochKeys> {
    return this.#run(async () => {
      const { state, members, invitation } = this.#standing;
      const exported = await exportSecret(state, EXPORTER_LABEL, BASE_KEY_BYTES);
      const baseKey = mixFrameBaseKey(exported, invitation.mediaShare);
      exported.fill(0);
      return {
        epoch: epochOf(state),
        baseKey,
        ownLeafIndex: state.privatePath.leafIndex,
        leaves: members.map(({ participantId, leafIndex }) => ({ participantId, leafIndex })),
      };
    });
  }

  /** Overwrites all secrets. What is asked afterwards rejects with `ClosedError`. */
  close(reason = "closed"): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#queue.close(reason);
    this.#dropPrepared();
    wipeState(this.#state);
    this.#owner.keys.signKey.fill(0);
  }

  get #state(): MlsState {
    return this.#standing.state;
  }

  #setState(state: MlsState): void {
    this.#standing = { ...this.#standing, state };
  }

  #prepareRemoval(participantIds: readonly string[], action: CommitAction) {
    const removedLeaves = [...new Set(participantIds)].map((participantId) => {
      const member = this.members.find((each) => each.participantId === participantId);
      if (member === undefined || member.leafIndex === this.ownLeafIndex) {
        throw new GroupError("unknown-participant", "only other members can be removed");
      }
      return member.leafIndex;
    });
    if (removedLeaves.length === 0) throw new GroupError("unknown-participant", "nobody to remove");
    return this.#prepare({ removedLeaves, added: [], action });
  }

  async #prepare(intent: Intent): Promise<PendingCommit> {
    const base = this.#state;
    const made = await makeTransition(this.#standing, this.#owner, intent);
    this.#assertOpen();
    const prepared: Prepared = { ...made, base };
    // An own commit of this epoch may have been applied meanwhile: then this one is void already.
    if (this.#isCurrent(base)) this.#prepared.add(prepared);
    const { commit, welcome, plan, next } = prepared;
    return {
      commit,
      welcome,
      welcomed: plan.added,
      joined: plan.joined,
      left: plan.left,
      epoch: epochOf(base),
      tag: epochTagOf(next.state.keySchedule.epochAuthenticator),
      apply: () => {
        this.#assertOpen();
        if (!this.#prepared.has(prepared)) {
          throw new GroupError("commit-void", "the commit cannot be applied any more");
        }
        return this.#advance(base, prepared);
      },
      discard: () => {
        if (this.#prepared.delete(prepared)) discard(next.state, this.#state);
      },
    };
  }

  async #followCommit(received: ReceivedCommit): Promise<Transition> {
    try {
      return await followCommit(this.#standing, received);
    } catch (error) {
      if (isRemoval(error)) this.close("removed");
      throw error;
    }
  }

  /** The one place where the epoch changes. */
  #advance(base: MlsState, { next, plan }: Transition): CommitOutcome {
    this.#assertOpen();
    if (!this.#isCurrent(base)) throw new GroupError("commit-void", "the epoch has changed");
    // Messages that were sealed or opened meanwhile have moved the ratchets on, of this epoch and
    // of those before it: going back behind that would open them twice, and later ones never.
    const old = this.#state;
    const state = { ...next.state, past: pastWith(old) };
    this.#standing = { ...next, state };
    this.#dropPrepared(next.state);
    this.#retireLater(old, state);
    return {
      epoch: this.epoch,
      joined: plan.joined,
      left: plan.left,
      committer: plan.committer.participantId,
      action: plan.action,
    };
  }

  #isCurrent(base: MlsState): boolean {
    return this.#state.groupContext.epoch === base.groupContext.epoch;
  }

  #dropPrepared(applied?: MlsState): void {
    for (const { next } of this.#prepared) {
      if (next.state !== applied) discard(next.state, this.#state);
    }
    this.#prepared.clear();
  }

  /** After the task that runs now, for it may still read the old epoch's secrets. */
  #retireLater(old: MlsState, next: MlsState): void {
    const retireOld = () => {
      retire(old, next);
    };
    this.#queue.run(retireOld).catch(retireOld);
  }

  async #run<Result>(task: () => Result | Promise<Result>): Promise<Result> {
    try {
      const result = await this.#queue.run(task);
      this.#assertOpen();
      return result;
    } catch (error) {
      // Whatever comes of secrets that were overwritten meanwhile, the reason is the close.
      if (!isRemoval(error)) this.#assertOpen();
      throw error;
    }
  }

  #assertOpen(): void {
    if (this.#closeReason !== undefined) throw new ClosedError("call group", this.#closeReason);
  }

  #assertOfThisGroup({ groupId }: Received): void {
    if (!equalBytes(groupId, this.#state.groupContext.groupId)) {
      refuse("the message is of another group");
    }
  }
}
