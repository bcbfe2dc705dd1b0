import { ClosedError } from "../../lib/closed-error.ts";
import { SerialQueue } from "../../lib/serial-queue.ts";
import type { EpochKeys } from "../frame/epoch-keys.ts";
import type { Invitation } from "../invitation/invitation.ts";
import { equalBytes } from "./equal-bytes.ts";
import { BASE_KEY_BYTES, EXPORTER_LABEL, mixFrameBaseKey } from "./frame-base-key.ts";
import { epochTagOf } from "./epoch-tag.ts";
import { GroupError, refuse } from "./group-error.ts";
import { GROUP_LIMITS } from "./group-limits.ts";
import { encodeGroupInfo } from "./mls/group-info.ts";
import type { OwnLeaf } from "./mls/operations.ts";
import { exportSecret, generateLeafKeys, openData, sealData } from "./mls/operations.ts";
import type { MlsState } from "./mls/state.ts";
import { discard, epochOf, retire, secretTreeOf, wipeState, withSecretTree } from "./mls/state.ts";
import type { Received } from "./mls/wire.ts";
import { decodeCommit, decodeMessage } from "./mls/wire.ts";
import type { PendingCommit } from "./pending-commit.ts";
import type { GroupMember } from "./roster.ts";
import type { OwnTransition, Transition } from "./transitions.ts";
import { enterGroup, followCommit, foundGroup, guard, makeTransition } from "./transitions.ts";

export interface CallGroupOptions {
  readonly invitation: Invitation;
  /** 16 random bytes in base64url; one id stands for one signature key as long as it is a member. */
  readonly participantId: string;
}

export interface GroupEntry {
  /** Counts once the delivery service has accepted `commit`; close it otherwise. */
  readonly group: CallGroup;
  readonly commit: Uint8Array;
  /** The epoch that the commit ends; `group` stands at the next. */
  readonly epoch: number;
}

export interface CommitOutcome {
  /** The epoch that the commit began. */
  readonly epoch: number;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly committer: string;
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
  readonly #invitation: Invitation;
  readonly #own: OwnLeaf;
  readonly #queue = new SerialQueue("call group");
  /** Own commits of this epoch of which nothing is known yet. */
  readonly #prepared = new Set<Prepared>();
  #state: MlsState;
  #members: readonly GroupMember[];
  #closeReason: string | undefined;

  private constructor(
    invitation: Invitation,
    own: OwnLeaf,
    state: MlsState,
    members: readonly GroupMember[],
  ) {
    this.#invitation = invitation;
    this.#own = own;
    this.#state = state;
    this.#members = members;
  }

  /** A new group of one member, at epoch 0. */
  static async create({ invitation, participantId }: CallGroupOptions): Promise<CallGroup> {
    const own = { participantId, keys: await generateLeafKeys(), admission: invitation };
    const { state, members } = await foundGroup(own);
    return new CallGroup(invitation, own, state, members);
  }

  /**
   * Enters a group by an external commit. Throws `GroupError`: `refused` when the GroupInfo is not
   * one of this room, of our suite and by a member, or when somebody in it fails to prove that they
   * hold the link; `full`.
   */
  static async join(options: CallGroupOptions, groupInfo: Uint8Array): Promise<GroupEntry> {
    const { invitation, participantId } = options;
    const own = { participantId, keys: await generateLeafKeys(), admission: invitation };
    return CallGroup.#enter(invitation, own, groupInfo);
  }

  static async #enter(
    invitation: Invitation,
    own: OwnLeaf,
    groupInfo: Uint8Array,
  ): Promise<GroupEntry> {
    const { commit, next, plan, epoch } = await enterGroup(own, groupInfo);
    return { group: new CallGroup(invitation, own, next, plan.roster), commit, epoch };
  }

  get epoch(): number {
    return epochOf(this.#state);
  }

  get ownLeafIndex(): number {
    return this.#state.privatePath.leafIndex;
  }

  get closed(): boolean {
    return this.#closeReason !== undefined;
  }

  /** Exactly who holds keys, by rising leaf index. */
  get members(): readonly GroupMember[] {
    return this.#members;
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
    return this.#run(() => encodeGroupInfo(this.#state));
  }

  /**
   * Enters the group again with the same signature key, in place of the own leaf if that is still
   * there: for a member that cannot make up for what it missed. This object stays as it is, to be
   * closed once the entry was accepted.
   */
  rejoin(groupInfo: Uint8Array): Promise<GroupEntry> {
    const { publicKey, signKey } = this.#own.keys;
    // A copy, for closing either group overwrites its own.
    const own = { ...this.#own, keys: { publicKey, signKey: new Uint8Array(signKey) } };
    return this.#run(() => CallGroup.#enter(this.#invitation, own, groupInfo));
  }

  /** Shuts the participants out. Throws `unknown-participant` for strangers and for oneself. */
  prepareRemove(participantIds: readonly string[]): Promise<PendingCommit> {
    return this.#run(() => {
      const leaves = [...new Set(participantIds)].map((participantId) => {
        const member = this.#members.find((each) => each.participantId === participantId);
        if (member === undefined || member.leafIndex === this.ownLeafIndex) {
          throw new GroupError("unknown-participant", "only other members can be removed");
        }
        return member.leafIndex;
      });
      if (leaves.length === 0) throw new GroupError("unknown-participant", "nobody to remove");
      return this.#prepare(leaves);
    });
  }

  /** Renews the own leaf's keys, so that whoever had stolen them is shut out. */
  prepareUpdate(): Promise<PendingCommit> {
    return this.#run(() => this.#prepare([]));
  }

  /**
   * Follows a commit that the delivery service accepted, an own pending one included. Throws
   * `GroupError`: `wrong-epoch`; `refused`; `removed`, after which the group is closed.
   */
  process(commit: Uint8Array): Promise<CommitOutcome> {
    return this.#run(async () => {
      for (const prepared of this.#prepared) {
        if (equalBytes(prepared.commit, commit)) return this.#advance(prepared.base, prepared);
      }
      const received = decodeCommit(commit);
      const base = this.#state;
      this.#assertOfThisGroup(received);
      if (received.epoch !== this.epoch) throw wrongEpoch(received);
      const transition = await followCommit(base, this.#members, received, this.#own.admission);
      if (transition === "removed") {
        this.close("removed");
        throw new GroupError("removed", "this member was removed from the group");
      }
      if (!this.#isCurrent(base)) throw wrongEpoch(received);
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
      this.#state = withSecretTree(this.#state, epoch, next.secretTree);
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
      if (secretTreeOf(this.#state, epoch) === undefined) throw wrongEpoch(received);
      const { data, senderKey, next } = await guard(() => openData(this.#state, received));
      this.#assertOpen();
      this.#state = withSecretTree(this.#state, epoch, secretTreeOf(next, epoch));
      const sender = this.#members.find((member) => equalBytes(member.signatureKey, senderKey));
      if (sender === undefined) refuse("the message's sender is no member any more");
      return { from: sender.participantId, data };
    });
  }

  /** The keys of this epoch for the frame layer. */
  frameKeys(): Promise<EpochKeys> {
    return this.#run(async () => {
      const [state, members] = [this.#state, this.#members];
      const exported = await exportSecret(state, EXPORTER_LABEL, BASE_KEY_BYTES);
      const baseKey = mixFrameBaseKey(exported, this.#invitation.mediaShare);
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
    this.#own.keys.signKey.fill(0);
  }

  async #prepare(leaves: readonly number[]): Promise<PendingCommit> {
    const base = this.#state;
    const made = await makeTransition(base, this.#members, leaves, this.#own.admission);
    this.#assertOpen();
    const prepared: Prepared = { ...made, base };
    // An own commit of this epoch may have been applied meanwhile: then this one is void already.
    if (this.#isCurrent(base)) this.#prepared.add(prepared);
    return {
      commit: prepared.commit,
      epoch: epochOf(base),
      tag: epochTagOf(prepared.next.keySchedule.epochAuthenticator),
      apply: () => {
        this.#assertOpen();
        if (!this.#prepared.has(prepared)) {
          throw new GroupError("commit-void", "the commit cannot be applied any more");
        }
        this.#advance(base, prepared);
      },
      discard: () => {
        if (this.#prepared.delete(prepared)) discard(prepared.next, this.#state);
      },
    };
  }

  /** The one place where the epoch changes. */
  #advance(base: MlsState, { next, plan }: Transition): CommitOutcome {
    this.#assertOpen();
    if (!this.#isCurrent(base)) throw new GroupError("commit-void", "the epoch has changed");
    // Messages that were sealed or opened meanwhile have moved the old epoch's ratchets on.
    const { epoch } = base.groupContext;
    const old = this.#state;
    this.#state = withSecretTree(next, epoch, old.secretTree);
    this.#members = plan.roster;
    this.#dropPrepared(next);
    this.#retireLater(old, this.#state);
    return {
      epoch: this.epoch,
      joined: plan.joined,
      left: plan.left,
      committer: plan.committer.participantId,
    };
  }

  #isCurrent(base: MlsState): boolean {
    return this.#state.groupContext.epoch === base.groupContext.epoch;
  }

  #dropPrepared(applied?: MlsState): void {
    for (const { next } of this.#prepared) {
      if (next !== applied) discard(next, this.#state);
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
      if (!(error instanceof GroupError && error.code === "removed")) this.#assertOpen();
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

function wrongEpoch({ epoch }: Received): GroupError {
  return new GroupError("wrong-epoch", "the message is of another epoch", { messageEpoch: epoch });
}
