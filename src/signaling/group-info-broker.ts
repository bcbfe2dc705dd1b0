import type { Clock } from "../lib/clock.ts";
import type { ParticipantId, ServerRequestOutput } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { RoomGroup } from "./room-group.ts";
import type { SignalingOptions } from "./signaling-options.ts";

export type GroupInfo = ServerRequestOutput<"group:provide-info">;

/** Asks a participant for the GroupInfo; undefined when they have no connection now. */
export type AskMember = (participantId: ParticipantId) => Promise<GroupInfo> | undefined;

type Outcome = GroupInfo | "failed" | "gone";

type BrokerOptions = Pick<SignalingOptions, "groupInfoAttempts" | "groupInfoCacheMs">;

/**
 * Gets newcomers the GroupInfo of the current epoch from a member. Those who ask at the same time
 * share one answer, and it serves further ones until the next commit.
 */
export class GroupInfoBroker {
  readonly #group: RoomGroup;
  readonly #ask: AskMember;
  readonly #options: BrokerOptions;
  readonly #budget: ByteBudget;
  readonly #clock: Clock;
  #pending: Promise<GroupInfo> | undefined;
  #kept: { info: GroupInfo; generation: number; forget: () => void } | undefined;

  constructor(
    group: RoomGroup,
    ask: AskMember,
    options: BrokerOptions,
    budget: ByteBudget,
    clock: Clock,
  ) {
    this.#group = group;
    this.#ask = ask;
    this.#options = options;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** Rejects with `group-missing` or `group-unavailable`. */
  async get(): Promise<GroupInfo> {
    if (this.#group.epoch === null) throw new ProtocolError("group-missing");
    const kept = this.#kept;
    if (kept?.generation === this.#group.generation && kept.info.epoch === this.#group.epoch) {
      return kept.info;
    }
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** Drops what is kept: it is out of date, or the room is over. */
  drop(): void {
    const kept = this.#kept;
    this.#kept = undefined;
    kept?.forget();
  }

  async #fetch(): Promise<GroupInfo> {
    const passedOver = new Set<ParticipantId>();
    for (let attempt = 0; attempt < this.#options.groupInfoAttempts; attempt += 1) {
      const { epoch: epochBefore, generation } = this.#group;
      const asked = this.#askNext(passedOver);
      if (asked === undefined) break;
      const info = await asked.answer;
      const { epoch } = this.#group;
      if (epoch === null) throw new ProtocolError("group-missing");
      // The group that was asked about is over; another one began meanwhile.
      if (generation !== this.#group.generation) continue;
      if (typeof info === "object" && info.epoch === epoch) {
        this.#group.absolve(asked.participantId);
        this.#keep(info);
        return info;
      }
      // A commit that overtook the answer is not the member's fault: they may be asked again.
      if (typeof info === "object" && info.epoch === epochBefore) continue;
      passedOver.add(asked.participantId);
      if (info !== "gone") this.#group.strike(asked.participantId);
    }
    throw new ProtocolError("group-unavailable");
  }

  #askNext(
    passedOver: ReadonlySet<ParticipantId>,
  ): { participantId: ParticipantId; answer: Promise<Outcome> } | undefined {
    for (const participantId of this.#group.members) {
      if (passedOver.has(participantId)) continue;
      const answer = this.#ask(participantId);
      if (answer !== undefined) return { participantId, answer: answer.catch(failure) };
    }
    return undefined;
  }

  #keep(info: GroupInfo): void {
    this.drop();
    const bytes = info.groupInfo.byteLength;
    if (!this.#budget.reserve(bytes)) return;
    const cancel = this.#clock.after(this.#options.groupInfoCacheMs, () => {
      this.drop();
    });
    const forget = () => {
      cancel();
      this.#budget.release(bytes);
    };
    this.#kept = { info, generation: this.#group.generation, forget };
  }
}

/** Somebody whose connection was lost meanwhile did nothing wrong. */
function failure(error: unknown): Outcome {
  return error instanceof ProtocolError && error.code === "disconnected" ? "gone" : "failed";
}
