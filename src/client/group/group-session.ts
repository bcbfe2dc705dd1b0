import type { EpochKeys } from "../../e2ee/frame/index.ts";
import type { GroupMember, PendingCommit } from "../../e2ee/group/index.ts";
import type { Invitation } from "../../e2ee/invitation/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Committed, ParticipantId } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import type { CallMessage } from "./call-messages.ts";
import { CallGroup, GroupError } from "../../e2ee/group/index.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { SerialQueue } from "../../lib/serial-queue.ts";
import { ProtocolError } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import { decodeCallMessage, encodeCallMessage } from "./call-messages.ts";
import { RemovalDuty } from "./removal-duty.ts";

export interface EpochChange {
  readonly keys: EpochKeys;
  readonly members: readonly GroupMember[];
  /** Who came and who went by the commit; empty after an own join. */
  readonly joined: readonly ParticipantId[];
  readonly left: readonly ParticipantId[];
}

export interface GroupSessionEvents {
  /** Keys, and with them the roster, have changed. */
  "epoch:changed": EpochChange;
  "message:received": { from: ParticipantId; message: CallMessage };
  /** The group is lost and could not be joined again. */
  "group:failed": CallError;
}

export interface GroupSessionOptions {
  readonly connection: SignalingConnection;
  readonly invitation: Invitation;
  readonly participantId: ParticipantId;
  readonly clock: Clock;
  /** How often this member renews its leaf, in milliseconds; jitter is added. */
  readonly updateIntervalMs: number;
}

/** Where the delivery service says that the room's group is; null while there is none. */
export type ServerGroup = { readonly epoch: number } | null;

const ESTABLISH_ATTEMPTS = 12;
const RETRY_DELAY_MS = 150;
/** Refusals after which another attempt to enter the group may well succeed. */
const RETRYABLE: ReadonlySet<string> = new Set([
  "stale-epoch",
  "group-exists",
  "group-missing",
  "group-unavailable",
  "rate-limited",
  "timed-out",
]);

/**
 * Keeps this client's MLS group in step with the delivery service: enters it, follows the others'
 * commits in order, makes up for missed ones, removes who left, and renews the own leaf. All that
 * touches the group runs one after another.
 */
export class GroupSession {
  readonly events = new Emitter<GroupSessionEvents>();
  readonly #options: GroupSessionOptions;
  readonly #connection: SignalingConnection;
  readonly #scope: Scope;
  readonly #queue = new SerialQueue("group session");
  readonly #duty: RemovalDuty;
  #group: CallGroup | undefined;
  #entering = false;

  constructor(options: GroupSessionOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#scope = new Scope("group session", options.clock);
    this.#duty = new RemovalDuty({
      participantId: options.participantId,
      clock: options.clock,
      remove: (participantIds) => {
        void this.#inOrder(() => this.#commitRemoval(participantIds));
      },
    });
    this.#scope.add(() => {
      this.#duty.close();
    });
    this.#scope.add(
      this.#connection.notifications.on("group:committed", (committed) => {
        void this.#inOrder(() => this.#follow(committed));
      }),
    );
    this.#scope.add(
      this.#connection.notifications.on("group:created", () => {
        // Whoever is entering just now meets the new group anyway.
        const held = this.#entering ? undefined : this.#group;
        if (held !== undefined) void this.#inOrder(() => this.#replace(held));
      }),
    );
    this.#scope.add(
      this.#connection.notifications.on("group:received", ({ message }) => {
        void this.#inOrder(() => this.#receive(message));
      }),
    );
    this.#connection.answer("group:provide-info", () => this.#provideInfo());
  }

  get members(): readonly GroupMember[] {
    return this.#group?.members ?? [];
  }

  /** The epoch that this client holds, to tell a server that may never have heard of the room. */
  get epoch(): number | undefined {
    return this.#group?.epoch;
  }

  /**
   * Enters the group, or after a lost connection catches up with it. `server` is what the answer
   * to `room:join` said. Rejects with `CallError` (`group-failed`).
   */
  enter(server: ServerGroup): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#group !== undefined && server !== null && (await this.#catchUp(server.epoch))) {
        return;
      }
      await this.#establish(server);
    });
  }

  /** Tells who is in the room, by the server's word, and who has said goodbye. */
  rosterChanged(present: ReadonlySet<ParticipantId>, left: ReadonlySet<ParticipantId>): void {
    this.#duty.rosterChanged(present, left);
  }

  /** Sends an end-to-end encrypted message to all, or to one participant. */
  send(message: CallMessage, to: ParticipantId | null): Promise<void> {
    return this.#queue.run(async () => {
      const group = this.#requireGroup();
      const sealed = await group.sealMessage(encodeCallMessage(message));
      await this.#connection.request("group:send", { to, message: sealed.message });
    });
  }

  close(reason: string): void {
    if (this.#scope.ended) return;
    this.#queue.close(reason);
    this.events.removeAllListeners();
    this.#group?.close();
    this.#scope.end(reason);
  }

  /** Runs a task that nobody waits for; what it throws is a lost connection or a lost group. */
  async #inOrder(task: () => Promise<void>): Promise<void> {
    try {
      await this.#queue.run(task);
    } catch (error) {
      if (this.#scope.ended || isConnectionLoss(error)) return;
      this.events.emit("group:failed", CallError.from(error, "group-failed"));
    }
  }

  /** The room has a group that is not the one held: enters that, unless this happened already. */
  async #replace(held: CallGroup): Promise<void> {
    if (this.#group === held) await this.#establish({ epoch: 0 });
  }

  async #establish(server: ServerGroup): Promise<void> {
    this.#entering = true;
    try {
      await this.#tryToEnter(server !== null);
    } finally {
      this.#entering = false;
    }
  }

  async #tryToEnter(groupExists: boolean): Promise<void> {
    let exists = groupExists;
    for (let attempt = 0; attempt < ESTABLISH_ATTEMPTS; attempt += 1) {
      this.#scope.assertOpen();
      try {
        await (exists ? this.#join() : this.#create());
        return;
      } catch (error) {
        if (!isRetryable(error)) throw CallError.from(error, "group-failed");
        exists = error.code !== "group-missing";
        if (error.code !== "group-exists" && error.code !== "group-missing") {
          await this.#pause(RETRY_DELAY_MS * (0.5 + Math.random()) * (attempt + 1));
        }
      }
    }
    throw new CallError("group-failed");
  }

  async #create(): Promise<void> {
    const { invitation, participantId } = this.#options;
    const group = await CallGroup.create({ invitation, participantId });
    try {
      await this.#connection.request("group:create", {});
    } catch (error) {
      group.close();
      throw error;
    }
    await this.#adopt(group);
  }

  async #join(): Promise<void> {
    const { invitation, participantId } = this.#options;
    const { groupInfo } = await this.#connection.request("group:info", {});
    const entry = await (this.#group === undefined
      ? CallGroup.join({ invitation, participantId }, groupInfo)
      : this.#group.rejoin(groupInfo));
    try {
      await this.#connection.request("group:commit", { epoch: entry.epoch, commit: entry.commit });
    } catch (error) {
      entry.group.close();
      throw error;
    }
    await this.#adopt(entry.group);
  }

  async #adopt(group: CallGroup): Promise<void> {
    if (this.#scope.ended) group.close();
    this.#scope.assertOpen();
    this.#group?.close();
    this.#group = group;
    this.#scheduleUpdate();
    await this.#announce([], []);
  }

  /** Follows one commit that the delivery service accepted. */
  async #follow(committed: Committed): Promise<void> {
    const group = this.#group;
    if (group === undefined || committed.epoch <= group.epoch) return;
    if (committed.epoch > group.epoch + 1) {
      if (!(await this.#catchUp(committed.epoch)))
        await this.#establish({ epoch: committed.epoch });
      return;
    }
    await this.#process(group, committed);
  }

  async #process(group: CallGroup, committed: Committed): Promise<void> {
    try {
      const outcome = await group.process(committed.commit);
      await this.#announce(outcome.joined, outcome.left);
    } catch (error) {
      if (!(error instanceof GroupError) || error.code !== "removed") throw error;
      // Somebody held us for gone while we were away: come back as a newcomer.
      this.#group = undefined;
      await this.#establish({ epoch: committed.epoch });
    }
  }

  /** True when the group stands at `epoch` afterwards; false when it has to be joined anew. */
  async #catchUp(epoch: number): Promise<boolean> {
    for (;;) {
      const group = this.#group;
      if (group === undefined || group.epoch > epoch) return false;
      if (group.epoch === epoch) return true;
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
      if (this.#group !== group) return true;
      if (group.epoch === before) return false;
    }
  }

  async #commitRemoval(participantIds: readonly ParticipantId[]): Promise<void> {
    const group = this.#group;
    const inTree = new Set(group?.members.map((member) => member.participantId));
    const still = participantIds.filter((participantId) => inTree.has(participantId));
    if (group === undefined || still.length === 0) return;
    await this.#commit(await group.prepareRemove(still), still);
  }

  async #commitUpdate(): Promise<void> {
    const group = this.#group;
    if (group !== undefined) await this.#commit(await group.prepareUpdate(), []);
  }

  async #commit(pending: PendingCommit, left: readonly ParticipantId[]): Promise<void> {
    try {
      await this.#connection.request("group:commit", {
        epoch: pending.epoch,
        commit: pending.commit,
      });
    } catch (error) {
      // After a lost connection the commit may have been accepted: the group knows it again when
      // it comes among those that were missed.
      if (isConnectionLoss(error)) return;
      pending.discard();
      // Another commit was first; it arrives by itself, and the duties are looked at again then.
      if (error instanceof ProtocolError && RETRYABLE.has(error.code)) return;
      throw error;
    }
    pending.apply();
    await this.#announce([], left);
  }

  async #receive(message: Uint8Array): Promise<void> {
    try {
      const { from, data } = await this.#requireGroup().openMessage(message);
      const decoded = decodeCallMessage(data);
      if (decoded !== undefined) this.events.emit("message:received", { from, message: decoded });
    } catch (error) {
      // Forged, or of an epoch that is gone: there is nothing to show.
      if (!(error instanceof GroupError)) throw error;
    }
  }

  #provideInfo(): Promise<{ epoch: number; groupInfo: Uint8Array }> {
    return this.#queue.run(async () => {
      const group = this.#group;
      if (group === undefined) throw new ProtocolError("group-missing");
      return { epoch: group.epoch, groupInfo: await group.groupInfo() };
    });
  }

  async #announce(joined: readonly ParticipantId[], left: readonly ParticipantId[]): Promise<void> {
    const group = this.#requireGroup();
    const keys = await group.frameKeys();
    this.#duty.membersChanged(group.members);
    this.events.emit("epoch:changed", { keys, members: group.members, joined, left });
  }

  #requireGroup(): CallGroup {
    this.#scope.assertOpen();
    if (this.#group === undefined) throw new ProtocolError("group-missing");
    return this.#group;
  }

  /** Renews the leaf again and again, at any size of the group (RFC 9420 section 16.6). */
  #scheduleUpdate(): void {
    this.#cancelUpdate();
    const delayMs = this.#options.updateIntervalMs * (0.75 + Math.random() / 2);
    this.#cancelUpdate = this.#scope.after(delayMs, () => {
      this.#scheduleUpdate();
      void this.#inOrder(() => this.#commitUpdate());
    });
  }

  #cancelUpdate: () => void = () => {};

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      // Resolved by the end of the scope too, so that nobody waits for a closed session.
      const release = this.#scope.add(resolve);
      this.#scope.after(delayMs, () => {
        release();
        resolve();
      });
    });
  }
}

function isRetryable(error: unknown): error is ProtocolError | GroupError {
  if (error instanceof ProtocolError) return RETRYABLE.has(error.code);
  // A GroupInfo that does not hold is asked of another member the next time.
  return error instanceof GroupError && error.code === "refused";
}

function isConnectionLoss(error: unknown): boolean {
  return (
    error instanceof ProtocolError && (error.code === "disconnected" || error.code === "timed-out")
  );
}
