import { CallGroup, GroupError } from "../../e2ee/group/index.ts";
import type { Invitation } from "../../e2ee/invitation/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import type { ErrorCode, ParticipantId } from "../../protocol/index.ts";
import { ProtocolError } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";

export interface GroupDoorOptions {
  readonly connection: SignalingConnection;
  readonly invitation: Invitation;
  readonly participantId: ParticipantId;
  readonly clock: Clock;
}

const ATTEMPTS = 16;
const RETRY_DELAY_MS = 80;
/** Refusals after which another attempt may well succeed. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  "stale-epoch",
  "group-exists",
  "group-missing",
  "group-unavailable",
  "rate-limited",
  "timed-out",
]);

/** The way into the room's group: creating it, or joining it by an external commit. */
export class GroupDoor {
  readonly #options: GroupDoorOptions;
  readonly #scope: Scope;
  /** A group that we may have entered: the answer was lost. Its signature key is known there. */
  #unconfirmed: CallGroup | undefined;

  constructor(options: GroupDoorOptions) {
    this.#options = options;
    this.#scope = new Scope("group door", options.clock);
  }

  /**
   * Enters the group that the room has, or creates it. `held` is the own group that fell behind,
   * in whose leaf's place the new one comes; it is left open. Rejects with `CallError`
   * (`group-failed`) after many attempts, or with `ProtocolError` `disconnected`.
   */
  async enter(exists: boolean, held: CallGroup | undefined): Promise<CallGroup> {
    let join = exists;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      this.#scope.assertOpen();
      try {
        return await (join ? this.#join(held) : this.#create());
      } catch (error) {
        if (!isRetryable(error)) throw error;
        join = error.code !== "group-missing";
        // Who was only told which of the two to do needs not wait.
        if (error.code === "group-exists" || error.code === "group-missing") continue;
        await this.#pause(RETRY_DELAY_MS * (0.5 + Math.random()) * (attempt + 1));
      }
    }
    throw new CallError("group-failed");
  }

  close(): void {
    this.#unconfirmed?.close();
    this.#scope.end("closed");
  }

  async #create(): Promise<CallGroup> {
    const { connection, invitation, participantId } = this.#options;
    const group = await CallGroup.create({ invitation, participantId });
    return this.#confirm(group, connection.request("group:create", { tag: group.epochTag }));
  }

  async #join(held: CallGroup | undefined): Promise<CallGroup> {
    const { connection, invitation, participantId } = this.#options;
    const { groupInfo } = await connection.request("group:info", {});
    const known = this.#unconfirmed ?? held;
    const { group, epoch, commit } = await (known === undefined
      ? CallGroup.join({ invitation, participantId }, groupInfo)
      : known.rejoin(groupInfo));
    const tag = group.epochTag;
    return this.#confirm(group, connection.request("group:commit", { epoch, tag, commit }));
  }

  async #confirm(group: CallGroup, answer: Promise<unknown>): Promise<CallGroup> {
    const former = this.#unconfirmed;
    try {
      await answer;
      this.#scope.assertOpen();
      this.#unconfirmed = undefined;
      former?.close();
      return group;
    } catch (error) {
      if (isConnectionLoss(error) && !this.#scope.ended) {
        this.#unconfirmed = group;
        former?.close();
      } else group.close();
      throw error;
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      // Resolved by the end of the scope too, so that nobody waits for what is closed.
      const release = this.#scope.add(resolve);
      this.#scope.after(delayMs, () => {
        release();
        resolve();
      });
    });
  }
}

/** Whether the answer may have been lost on its way, whatever it was. */
export function isConnectionLoss(error: unknown): boolean {
  return (
    error instanceof ProtocolError && (error.code === "disconnected" || error.code === "timed-out")
  );
}

/** Whether the delivery service refused for a reason that passes. */
export function isPassing(error: unknown): boolean {
  return error instanceof ProtocolError && RETRYABLE.has(error.code);
}

function isRetryable(error: unknown): error is ProtocolError | GroupError {
  if (error instanceof ProtocolError) return RETRYABLE.has(error.code);
  // A GroupInfo that does not hold is asked of another member the next time.
  return error instanceof GroupError && error.code === "refused";
}
