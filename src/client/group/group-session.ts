import type { CallGroup, CommitOutcome, GroupMember } from "../../e2ee/group/index.ts";
import { GroupError } from "../../e2ee/group/index.ts";
import type { Invitation } from "../../e2ee/invitation/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { SerialQueue } from "../../lib/serial-queue.ts";
import type { Committed, GroupPosition, ParticipantId } from "../../protocol/index.ts";
import { LIMITS, ProtocolError, unpackBytes } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import type { GroupConnection } from "./group-connection.ts";
import type { CallMessage } from "./call-messages.ts";
import { decodeCallMessage, encodeCallMessage } from "./call-messages.ts";
import type { GroupSessionEvents } from "./group-events.ts";
import { GroupDoor, isConnectionLoss, isPassing } from "./group-door.ts";
import { OwnCommits } from "./own-commits.ts";
import { RemovalDuty } from "./removal-duty.ts";
import { awaitRollBack } from "./roll-back-wait.ts";
import { updateDelayMs } from "./update-delay.ts";

export interface GroupSessionOptions {
  readonly connection: GroupConnection;
  readonly invitation: Invitation;
  readonly participantId: ParticipantId;
  readonly clock: Clock;
  /** How often this member renews its leaf, in milliseconds; jitter is added. */
  readonly updateIntervalMs: number;
  /** Who leaves within this time of each other is shut out by one commit; in milliseconds. */
  readonly leaveWindowMs: number;
}

/** How long the others have for refusing a commit that this member refused. */
const REFUSAL_PATIENCE_MS = 3_000;

/** How long a member that is out of the group waits before it tries to enter again. */
const REENTRY_DELAY_MS = 1_000;

/**
 * Keeps this client's MLS group in step with the delivery service: enters it, follows the others'
 * commits in order, makes up for missed ones, removes who left, and renews the own leaf. All that
 * touches the group runs one after another.
 */
export class GroupSession {
  readonly events = new Emitter<GroupSessionEvents>();
  readonly #options: GroupSessionOptions;
  readonly #connection: GroupConnection;
  readonly #scope: Scope;
  readonly #queue = new SerialQueue("group session");
  readonly #door: GroupDoor;
  readonly #duty: RemovalDuty;
  readonly #commits: OwnCommits;
  #group: CallGroup | undefined;
  #invitation: Invitation;
  #entering = false;
  #cancelUpdate: () => void = () => {};

  constructor(options: GroupSessionOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#invitation = options.invitation;
    this.#scope = new Scope("group session", options.clock);
    this.#door = new GroupDoor(options);
    this.#duty = new RemovalDuty({
      participantId: options.participantId,
      clock: options.clock,
      leaveWindowMs: options.leaveWindowMs,
      remove: (participantIds) => {
        void this.#inOrder(() => this.#commits.remove(participantIds));
      },
    });
    this.#commits = new OwnCommits({
      connection: options.connection,
      clock: options.clock,
      group: () => this.#group,
      inTurn: (task) => this.#queue.run(task),
      applied: (outcome) => this.#announce(outcome),
      unanswered: (group) => this.#makeUp(group),
    });
    this.#listen();
  }

  get members(): readonly GroupMember[] {
    return this.#group?.members ?? [];
  }

  /** The link that lets people in now: somebody's kick changes it. */
  get invitation(): Invitation {
    return this.#invitation;
  }

  /** Where the own group stands, to tell a server that may never have heard of the room. */
  get position(): GroupPosition | undefined {
    return this.#group && { epoch: this.#group.epoch, tag: this.#group.epochTag };
  }

  /**
   * Enters the group, or after a lost connection catches up with it. `server` is where the
   * delivery service says that the room's group stands, null when there is none, and undefined
   * when nothing is known yet. Rejects with `CallError`, or the server's `ProtocolError`.
   */
  enter(server: GroupPosition | null | undefined): Promise<void> {
    return this.#queue.run(async () => {
      if (server && (await this.#catchUp(server))) return;
      await this.#establish(server !== null);
    });
  }

  /** Tells who is in the room, by the server's word, and who has said goodbye. */
  rosterChanged(present: ReadonlySet<ParticipantId>, left: ReadonlySet<ParticipantId>): void {
    this.#duty.rosterChanged(present, left);
  }

  /** Sends an end-to-end encrypted message to all, or to one participant. */
  send(message: CallMessage, to: ParticipantId | null): Promise<void> {
    return this.#queue.run(async () => {
      const sealed = await this.#requireGroup().sealMessage(encodeCallMessage(message));
      await this.#connection.request("group:send", { to, message: sealed.message });
    });
  }

  /** Shuts the participants out for good. Rejects with `CallError` (`group-failed`). */
  kick(participantIds: readonly ParticipantId[]): Promise<void> {
    return this.#commits.kick(participantIds);
  }

  /** Has the members let nobody in any more, or newcomers again. Rejects as `kick` does. */
  setLocked(locked: boolean): Promise<void> {
    return this.#commits.setLocked(locked);
  }

  /** Renews the own leaf now, which begins a new epoch. */
  renew(): void {
    void this.#inOrder(() => this.#commits.update());
  }

  /**
   * For who gets frames that it has no key for: makes up for commits that were missed without
   * notice or, with `anew`, enters the group again in place of the own leaf.
   */
  repair(anew: boolean): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#group === undefined) return;
      if (anew || !(await this.#followMissed(this.#group))) await this.#establish(true);
    });
  }

  close(reason: string): void {
    if (this.#scope.ended) return;
    this.#queue.close(reason);
    this.events.removeAllListeners();
    this.#duty.close();
    this.#door.close();
    this.#commits.close();
    this.#group?.close();
    this.#scope.end(reason);
  }

  #listen(): void {
    const { notifications } = this.#connection;
    const removers = [
      notifications.on("group:committed", (committed) => {
        void this.#inOrder(() => this.#follow(committed));
      }),
      notifications.on("group:rolled-back", (position) => {
        void this.#inOrder(() => this.#rollBack(position));
      }),
      notifications.on("group:admit", ({ keyPackages }) => {
        const add = unpackBytes(keyPackages, LIMITS.keyPackagesPerCommit);
        if (add !== undefined) void this.#inOrder(() => this.#commits.admit(add, this.#duty.due()));
      }),
      notifications.on("group:created", () => {
        // Whoever is entering just now meets the new group anyway.
        const held = this.#entering ? undefined : this.#group;
        if (held !== undefined) void this.#inOrder(() => this.#replace(held));
      }),
      notifications.on("group:received", ({ message }) => {
        void this.#inOrder(() => this.#receive(message));
      }),
    ];
    for (const remove of removers) this.#scope.add(remove);
    this.#connection.answer("group:provide-info", () => this.#provideInfo());
  }

  /** Runs a task that nobody waits for; what it throws is a lost connection or a lost group. */
  async #inOrder(task: () => Promise<void>): Promise<void> {
    try {
      await this.#queue.run(task);
    } catch (error) {
      if (this.#scope.ended) return;
      if (isConnectionLoss(error) || isPassing(error)) {
        this.#enterLater(error);
        return;
      }
      this.events.emit("group:failed", CallError.from(error, "group-failed"));
    }
  }

  /**
   * A lost connection leads to `enter` again. What passes otherwise leads to nothing by itself: who
   * is out of the group then, or holds one that the server has forgotten, enters again.
   */
  #enterLater(error: unknown): void {
    const code = error instanceof ProtocolError ? error.code : undefined;
    const held = this.#group;
    const isForgotten = code === "group-missing";
    if (code === "disconnected" || (held !== undefined && !isForgotten)) return;
    this.#scope.after(REENTRY_DELAY_MS, () => {
      if (this.#group === held) void this.#inOrder(() => this.#establish(!isForgotten));
    });
  }

  async #establish(exists: boolean): Promise<void> {
    this.#entering = true;
    try {
      const held = this.#group;
      const group = await this.#door.enter(exists, held, this.#invitation);
      if (this.#scope.ended) group.close();
      this.#scope.assertOpen();
      held?.close();
      this.#group = group;
    } finally {
      this.#entering = false;
    }
    this.#scheduleUpdate(true);
    await this.#announce(undefined);
  }

  /** The room has a group that is not the one held: enters that, unless this happened already. */
  async #replace(held: CallGroup): Promise<void> {
    if (this.#group === held) await this.#establish(true);
  }

  /** Follows one commit that the delivery service accepted. */
  async #follow(committed: Committed): Promise<void> {
    const group = this.#group;
    if (group === undefined || committed.epoch <= group.epoch) return;
    if (committed.epoch > group.epoch + 1) {
      if (!(await this.#catchUp(committed))) await this.#establish(true);
      return;
    }
    try {
      await this.#process(group, committed);
    } catch (error) {
      if (!(error instanceof GroupError)) throw error;
      await this.#refuse(group, committed.epoch);
    }
  }

  async #process(group: CallGroup, committed: Committed): Promise<void> {
    try {
      const outcome = await group.process(committed.commit);
      await this.#announce(outcome);
    } catch (error) {
      if (!(error instanceof GroupError)) throw error;
      if (error.code === "kicked") throw new CallError("kicked", { cause: error });
      if (error.code !== "removed") throw error;
      // Somebody held us for gone while we were away: come back as a newcomer.
      this.#group = undefined;
      await this.#establish(true);
      return;
    }
    // The same commit led to another state: this is not the group that the others are in.
    if (group.epochTag !== committed.tag) await this.#establish(true);
  }

  /**
   * The delivery service accepted what does not hold. Most members see the same, and it is taken
   * back; should it stand nevertheless, the others know better, and this member joins them anew.
   */
  async #refuse(group: CallGroup, epoch: number): Promise<void> {
    await this.#connection.request("group:refuse", { epoch });
    const before = group.epoch;
    awaitRollBack(this.#connection, this.#scope, before, REFUSAL_PATIENCE_MS, () => {
      void this.#inOrder(async () => {
        if (this.#group === group && group.epoch === before) await this.#establish(true);
      });
    });
  }

  /**
   * Whether an own commit was accepted is not known, though the connection lives: the delivery service
   * tells everybody of it but who sent it. Asks for what was missed, until there is an answer.
   */
  async #makeUp(group: CallGroup): Promise<void> {
    try {
      if (this.#group === group && !(await this.#followMissed(group))) await this.#establish(true);
    } catch (error) {
      if (!(error instanceof ProtocolError && error.code === "timed-out")) throw error;
      this.#scope.after(REENTRY_DELAY_MS, () => void this.#inOrder(() => this.#makeUp(group)));
    }
  }

  /** Commits were taken back: whoever had followed them enters again. */
  async #rollBack(position: GroupPosition): Promise<void> {
    const group = this.#group;
    if (group === undefined || group.epoch < position.epoch) return;
    const followed = group.epoch > position.epoch || group.epochTag !== position.tag;
    if (followed) await this.#establish(true);
    // The place of what was taken back is free: duties are looked at again.
    else this.#duty.membersChanged(group.members);
  }

  /** True when the delivery service has no more commits; false when the group has to be joined anew. */
  async #followMissed(group: CallGroup): Promise<boolean> {
    const fromEpoch = group.epoch;
    try {
      const { commits } = await this.#connection.request("group:commits", { fromEpoch });
      const last = commits.at(-1);
      return last === undefined || (await this.#catchUp(last));
    } catch (error) {
      if (error instanceof ProtocolError && error.code === "commits-gone") return false;
      throw error;
    }
  }

  /** True when the group stands at `target` afterwards; false when it has to be joined anew. */
  async #catchUp(target: GroupPosition): Promise<boolean> {
    for (;;) {
      const group = this.#group;
      if (group === undefined || group.epoch > target.epoch) return false;
      if (group.epoch === target.epoch) return group.epochTag === target.tag;
      const before = group.epoch;
      try {
        const { commits } = await this.#connection.request("group:commits", { fromEpoch: before });
        for (const committed of commits) {
          if (this.#group === group && committed.epoch === group.epoch + 1) {
            await this.#process(group, committed);
          }
        }
      } catch (error) {
        if (error instanceof ProtocolError && error.code === "commits-gone") return false;
        if (error instanceof GroupError) return false;
        throw error;
      }
      // Entered anew on the way: that is the latest there is.
      if (this.#group !== group) return true;
      if (group.epoch === before) return false;
    }
  }

  async #receive(message: Uint8Array): Promise<void> {
    try {
      const { from, data } = await this.#requireGroup().openMessage(message);
      const decoded = decodeCallMessage(data);
      if (decoded !== undefined) this.events.emit("message:received", { from, message: decoded });
    } catch (error) {
      // Forged, or of an epoch that is gone: there is nothing to show.
      if (!(error instanceof GroupError) && !(error instanceof ProtocolError)) throw error;
    }
  }

  #provideInfo(): Promise<{ epoch: number; groupInfo: Uint8Array }> {
    return this.#queue.run(async () => {
      const group = this.#requireGroup();
      return { epoch: group.epoch, groupInfo: await group.groupInfo() };
    });
  }

  async #announce(outcome: CommitOutcome | undefined): Promise<void> {
    const group = this.#requireGroup();
    const keys = await group.frameKeys();
    const { members, locked, invitation, epochAuthenticator: authenticator } = group;
    const { joined, left } = outcome ?? { joined: [], left: [] };
    this.#invitation = invitation;
    this.#duty.membersChanged(members);
    this.events.emit("epoch:changed", {
      keys,
      members,
      authenticator,
      locked,
      outcome,
      joined,
      left,
    });
  }

  /** Throws `group-missing` while there is no group to speak of. */
  #requireGroup(): CallGroup {
    this.#scope.assertOpen();
    if (this.#group === undefined) throw new ProtocolError("group-missing");
    return this.#group;
  }

  #scheduleUpdate(isFirst: boolean): void {
    this.#cancelUpdate();
    const { updateIntervalMs } = this.#options;
    const delayMs = updateDelayMs(updateIntervalMs, this.members.length, isFirst, Math.random());
    this.#cancelUpdate = this.#scope.after(delayMs, () => {
      this.#scheduleUpdate(false);
      void this.#inOrder(() => this.#commits.update());
    });
  }
}
