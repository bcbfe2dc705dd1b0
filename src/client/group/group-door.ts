import type { CallGroupOptions, LeafKeys } from "../../e2ee/group/index.ts";
import { CallGroup, GroupError, Newcomer, suiteOf } from "../../e2ee/group/index.ts";
import type { Invitation } from "../../e2ee/invitation/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import type { ErrorCode, ParticipantId } from "../../protocol/index.ts";
import { ProtocolError } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import { pause } from "./pause.ts";
import type { GroupConnection } from "./group-connection.ts";

export interface GroupDoorOptions {
  readonly connection: GroupConnection;
  readonly participantId: ParticipantId;
  readonly clock: Clock;
}

const ATTEMPTS = 16;
const RETRY_DELAY_MS = 80;
/** How long a newcomer waits for a member to let it in: several members may have to be asked. */
const WELCOME_PATIENCE_MS = 4_000;
/** Refusals after which another attempt may well succeed. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  "stale-epoch",
  "group-exists",
  "group-missing",
  "group-unavailable",
  "group-busy",
  "rate-limited",
  "timed-out",
  // The connection is new, and the room is being joined on it.
  "not-joined",
]);

/**
 * The way into the room's group: creating it, joining it by an external commit, or, when many come
 * at the same moment, being let in by a member together with them.
 */
export class GroupDoor {
  readonly #options: GroupDoorOptions;
  readonly #scope: Scope;
  /**
   * The same for every attempt of this stay: one may have succeeded though its answer was lost, and
   * the next one takes its leaf's place.
   */
  #keys: LeafKeys | undefined;

  constructor(options: GroupDoorOptions) {
    this.#options = options;
    this.#scope = new Scope("group door", options.clock);
  }

  /**
   * Enters the group that the room has, or creates it. `held` is the own group that fell behind,
   * in whose leaf's place the new one comes; it is left open. Rejects with `CallError`: `locked`,
   * `link-void`, `room-full`, or `group-failed` after many attempts; or with `ProtocolError` `disconnected`.
   */
  async enter(
    exists: boolean,
    held: CallGroup | undefined,
    invitation: Invitation,
  ): Promise<CallGroup> {
    let way: Way = exists ? "commit" : "create";
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      this.#scope.assertOpen();
      try {
        return await this.#enterBy(way, held, invitation);
      } catch (error) {
        if (!isRetryable(error)) throw plainError(error);
        way = nextWay(error.code, way);
        // Who was only told which way to go needs not wait.
        if (REDIRECTIONS.has(error.code)) continue;
        await pause(this.#scope, RETRY_DELAY_MS * (0.5 + Math.random()) * (attempt + 1));
      }
    }
    throw new CallError("group-failed");
  }

  close(): void {
    this.#keys?.signKey.fill(0);
    this.#scope.end("closed");
  }

  #enterBy(way: Way, held: CallGroup | undefined, invitation: Invitation): Promise<CallGroup> {
    if (way === "create") return this.#create(invitation);
    return way === "commit" ? this.#join(held, invitation) : this.#propose(held, invitation);
  }

  async #create(invitation: Invitation): Promise<CallGroup> {
    const { connection } = this.#options;
    const group = await CallGroup.create(await this.#self(invitation));
    return this.#confirm(group, connection.request("group:create", { tag: group.epochTag }));
  }

  async #join(held: CallGroup | undefined, invitation: Invitation): Promise<CallGroup> {
    const { connection } = this.#options;
    const { groupInfo } = await connection.request("group:info", {});
    const { group, epoch, commit } = await (held === undefined
      ? CallGroup.join(await this.#self(invitation), groupInfo)
      : held.rejoin(groupInfo));
    const tag = group.epochTag;
    return this.#confirm(group, connection.request("group:commit", { epoch, tag, commit }));
  }

  /** Waits to be let in. Rejects with `timed-out` when nobody does. */
  async #propose(held: CallGroup | undefined, invitation: Invitation): Promise<CallGroup> {
    const { connection, clock } = this.#options;
    const newcomer = await (held === undefined
      ? Newcomer.create(await this.#self(invitation), clock.now())
      : Newcomer.returning(held, clock.now()));
    const waiting = this.#awaitWelcome();
    try {
      await connection.request("group:propose", { keyPackage: newcomer.keyPackage });
      const group = await newcomer.enter(await waiting.welcome);
      this.#scope.assertOpen();
      return group;
    } finally {
      waiting.stop();
      newcomer.close();
    }
  }

  #awaitWelcome(): { welcome: Promise<Uint8Array>; stop: () => void } {
    const { notifications, events } = this.#options.connection;
    let stop = () => {};
    const welcome = new Promise<Uint8Array>((resolve, reject) => {
      const removers = [
        notifications.on("group:welcome", (received) => resolve(received.welcome)),
        events.on("connection:down", () => reject(new ProtocolError("disconnected"))),
        this.#scope.after(WELCOME_PATIENCE_MS, () => reject(new ProtocolError("timed-out"))),
        this.#scope.add(() => reject(new ProtocolError("disconnected"))),
      ];
      stop = () => {
        for (const remove of removers) remove();
      };
    });
    // Until it is waited for, its failure is nobody's.
    welcome.catch(() => undefined);
    return { welcome, stop: () => stop() };
  }

  async #confirm(group: CallGroup, answer: Promise<unknown>): Promise<CallGroup> {
    try {
      await answer;
      this.#scope.assertOpen();
      return group;
    } catch (error) {
      group.close();
      throw error;
    }
  }

  async #self(invitation: Invitation): Promise<CallGroupOptions> {
    this.#keys ??= await suiteOf(invitation).signature.keygen();
    return { invitation, participantId: this.#options.participantId, keys: this.#keys };
  }
}

type Way = "create" | "commit" | "propose";

/** Answers that only say which way to go. */
const REDIRECTIONS: ReadonlySet<string> = new Set(["group-exists", "group-missing", "group-busy"]);

/** Who lost a race against another newcomer's commit would lose the next ones too. */
function nextWay(code: string, way: Way): Way {
  if (code === "group-missing") return "create";
  if (code === "group-busy") return "propose";
  return code === "stale-epoch" && way === "commit" ? "propose" : "commit";
}

/** Whether the answer may have been lost on its way, whatever it was. */
export function isConnectionLoss(error: unknown): error is ProtocolError {
  return (
    error instanceof ProtocolError && (error.code === "disconnected" || error.code === "timed-out")
  );
}

/** Whether the delivery service refused for a reason that passes. */
export function isPassing(error: unknown): boolean {
  return error instanceof ProtocolError && RETRYABLE.has(error.code);
}

/** What the group refused for good, in the words of a call. */
function plainError(error: unknown): unknown {
  if (!(error instanceof GroupError)) return error;
  if (error.code === "locked" || error.code === "link-void") return new CallError(error.code);
  return error.code === "full" ? new ProtocolError("room-full") : error;
}

function isRetryable(error: unknown): error is ProtocolError | GroupError {
  if (error instanceof ProtocolError) return RETRYABLE.has(error.code);
  // A GroupInfo that does not hold is asked of another member the next time.
  return error instanceof GroupError && error.code === "refused";
}
