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

type BrokerOptions = Pick<
  SignalingOptions,
  "groupInfoAttempts" | "groupInfoCacheMs" | "groupInfoAheadMembers"
>;

/** How long a new epoch is left alone: those who begin it have better things to do at first. */
const AHEAD_AFTER_MS = 300;

interface Provided {
  readonly info: GroupInfo;
  readonly by: ParticipantId;
}

interface Kept extends Provided {
  readonly generation: number;
  readonly forget: () => void;
}

/** Whose GroupInfo somebody was given while the group stood there. */
interface Given {
  readonly generation: number;
  readonly epoch: number;
  readonly by: Set<ParticipantId>;
}

/**
 * Gets newcomers the GroupInfo of the current epoch from a member. Those who ask at the same time
 * share one answer, and it serves further ones until the next commit. In a small group, where it
 * costs little, it is got ahead, so that a newcomer does not wait for a member, who may be far away or
 * busy.
 *
 * The server cannot see whether a GroupInfo holds. Whoever asks again at the same epoch had no use
 * for what they got, so they get another member's: one who hands out a forged one shuts nobody out.
 */
export class GroupInfoBroker {
  readonly #group: RoomGroup;
  readonly #ask: AskMember;
  readonly #options: BrokerOptions;
  readonly #budget: ByteBudget;
  readonly #clock: Clock;
  readonly #given = new WeakMap<object, Given>();
  #pending: Promise<Provided> | undefined;
  #kept: Kept | undefined;
  #cancelAhead: () => void = () => {};

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

  /** `asker` tells one newcomer from another. Rejects with `group-missing` or `group-unavailable`. */
  async get(asker: object): Promise<GroupInfo> {
    const { epoch } = this.#group;
    if (epoch === null) throw new ProtocolError("group-missing");
    const useless = this.#givenTo(asker, epoch);
    const provided = await this.#provide(useless).catch((error: unknown) => {
      if (useless.size === 0) throw error;
      // Nobody else can be asked, so the first one's turn comes again.
      useless.clear();
      return this.#provide(useless);
    });
    this.#givenTo(asker, provided.info.epoch).add(provided.by);
    return provided.info;
  }

  /** A new epoch has begun. */
  advance(): void {
    this.drop();
    if (!this.#isSmall) return;
    this.#cancelAhead = this.#clock.after(AHEAD_AFTER_MS, () => {
      // Whoever needs it asks again, and is told why there is none.
      if (this.#group.epoch !== null) this.#provide(new Set()).catch(() => undefined);
    });
  }

  /** Drops what is kept: it is out of date, or the room is over. */
  drop(): void {
    this.#cancelAhead();
    const kept = this.#kept;
    this.#kept = undefined;
    kept?.forget();
  }

  get #isSmall(): boolean {
    return this.#group.members.length <= this.#options.groupInfoAheadMembers;
  }

  /** Those who ask for the first time share one answer. */
  async #provide(useless: ReadonlySet<ParticipantId>): Promise<Provided> {
    const kept = this.#kept;
    const { epoch, generation } = this.#group;
    const isCurrent = kept?.generation === generation && kept.info.epoch === epoch;
    if (isCurrent && !useless.has(kept.by)) return kept;
    if (useless.size > 0) return this.#fetch(useless);
    this.#pending ??= this.#fetch(useless).finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  #givenTo(asker: object, epoch: number): Set<ParticipantId> {
    const { generation } = this.#group;
    const given = this.#given.get(asker);
    if (given?.epoch === epoch && given.generation === generation) return given.by;
    const by = new Set<ParticipantId>();
    this.#given.set(asker, { generation, epoch, by });
    return by;
  }

  async #fetch(useless: ReadonlySet<ParticipantId>): Promise<Provided> {
    const passedOver = new Set(useless);
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
        const provided = { info, by: asked.participantId };
        this.#keep(provided);
        return provided;
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

  #keep(provided: Provided): void {
    this.drop();
    const bytes = provided.info.groupInfo.byteLength;
    if (!this.#budget.reserve(bytes)) return;
    const expire = () => {
      this.drop();
    };
    // In a small group it serves as long as the epoch lasts.
    const cancel = this.#isSmall
      ? () => {}
      : this.#clock.after(this.#options.groupInfoCacheMs, expire);
    const forget = () => {
      cancel();
      this.#budget.release(bytes);
    };
    this.#kept = { ...provided, generation: this.#group.generation, forget };
  }
}

/** Somebody whose connection was lost meanwhile did nothing wrong. */
function failure(error: unknown): Outcome {
  return error instanceof ProtocolError && error.code === "disconnected" ? "gone" : "failed";
}
