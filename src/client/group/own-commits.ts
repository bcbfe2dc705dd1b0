import type { CallGroup, CommitOutcome, PendingCommit } from "../../e2ee/group/index.ts";
import { GroupError } from "../../e2ee/group/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import type { GroupConnection } from "./group-connection.ts";
import { isConnectionLoss, isPassing } from "./group-door.ts";
import { pause } from "./pause.ts";

export interface OwnCommitsOptions {
  readonly connection: GroupConnection;
  readonly clock: Clock;
  readonly group: () => CallGroup | undefined;
  /** Runs a task when nothing else touches the group. */
  readonly inTurn: <Result>(task: () => Promise<Result>) => Promise<Result>;
  /** Called after each commit that was accepted, before the next task. */
  readonly applied: (outcome: CommitOutcome) => Promise<void>;
  /** Called when nothing is known of a commit of the group, though the connection is up. */
  readonly unanswered: (group: CallGroup) => Promise<void>;
}

/** How often a kick or a lock is committed again after it lost to another commit. */
const INSISTENCE = 10;
const INSISTENCE_STEP_MS = 50;

/**
 * What this member commits: each commit counts once the delivery service has accepted it. Those
 * without a word about turns are to be called in turn.
 */
export class OwnCommits {
  readonly #options: OwnCommitsOptions;
  readonly #scope: Scope;

  constructor(options: OwnCommitsOptions) {
    this.#options = options;
    this.#scope = new Scope("own commits", options.clock);
  }

  close(): void {
    this.#scope.end("closed");
  }

  /** Shuts out those who are still there. */
  async remove(participantIds: readonly ParticipantId[]): Promise<void> {
    const group = this.#options.group();
    const still = group && present(group, participantIds);
    if (group === undefined || still === undefined || still.length === 0) return;
    await this.#commit(group, await group.prepareRemove(still));
  }

  async update(): Promise<void> {
    const group = this.#options.group();
    if (group !== undefined) await this.#commit(group, await group.prepareUpdate());
  }

  /** Lets newcomers in by their KeyPackages; leavers go by the same commit. */
  async admit(
    keyPackages: readonly Uint8Array[],
    leavers: readonly ParticipantId[],
  ): Promise<void> {
    const { group: current, clock } = this.#options;
    const group = current();
    if (group === undefined) return;
    const change = { add: keyPackages, remove: leavers };
    const pending = await group.prepareChange(change, clock.now()).catch(unlessRefused);
    // What newcomers bring is judged here alone: whatever is wrong with it is not this call's end.
    if (pending === undefined) return;
    if (pending.welcome === undefined && pending.left.length === 0) pending.discard();
    else await this.#commit(group, pending);
  }

  /**
   * Waits for its turns itself. Those who are not there any more are passed over. Rejects with
   * `CallError` (`group-failed`).
   */
  kick(participantIds: readonly ParticipantId[]): Promise<void> {
    return this.#insist(async (group) => {
      const still = present(group, participantIds);
      return still.length === 0 ? undefined : group.prepareKick(still);
    });
  }

  /** As `kick`. */
  setLocked(locked: boolean): Promise<void> {
    return this.#insist(async (group) =>
      group.locked === locked ? undefined : group.prepareLock(locked),
    );
  }

  /** Commits what is wanted, again when another commit came first, until nothing is left to do. */
  async #insist(prepare: (group: CallGroup) => Promise<PendingCommit | undefined>): Promise<void> {
    const { group: current, inTurn } = this.#options;
    for (let attempt = 0; attempt < INSISTENCE; attempt += 1) {
      this.#scope.assertOpen();
      const done = await inTurn(async () => {
        const group = current();
        if (group === undefined) return false;
        const pending = await prepare(group);
        return pending === undefined || (await this.#commit(group, pending));
      });
      if (done) return;
      // What came first arrives meanwhile.
      await pause(this.#scope, INSISTENCE_STEP_MS * (attempt + 1));
    }
    throw new CallError("group-failed");
  }

  /** True when the commit was accepted; false when another one was first, or nothing is known. */
  async #commit(group: CallGroup, pending: PendingCommit): Promise<boolean> {
    const { connection, applied, unanswered } = this.#options;
    const { epoch, tag, commit, welcome, welcomed } = pending;
    try {
      await connection.request("group:commit", {
        epoch,
        tag,
        commit,
        ...(welcome && { welcome: { participantIds: [...welcomed], welcome } }),
      });
    } catch (error) {
      // The commit may have been accepted: the group knows it again when it comes among those that
      // were missed, which are asked for after a lost connection anyway.
      if (isConnectionLoss(error)) {
        if (error.code === "timed-out") await unanswered(group);
        return false;
      }
      pending.discard();
      // Another commit was first; it arrives by itself, and the duties are looked at again then.
      if (isPassing(error)) return false;
      throw error;
    }
    await applied(pending.apply());
    return true;
  }
}

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof GroupError && error.code === "refused")) throw error;
}

function present(group: CallGroup, participantIds: readonly ParticipantId[]): ParticipantId[] {
  const inTree = new Set(group.members.map((member) => member.participantId));
  return participantIds.filter((participantId) => inTree.has(participantId));
}
