import type { Clock } from "../lib/clock.ts";
import type { ParticipantId } from "../protocol/index.ts";
import { LIMITS, ProtocolError } from "../protocol/index.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { SignalingOptions } from "./signaling-options.ts";

/** Tells a member whom to let in; false when they have no connection now. */
export type TellMember = (
  participantId: ParticipantId,
  keyPackages: readonly Uint8Array[],
) => boolean;

type JoinQueueOptions = Pick<
  SignalingOptions,
  "joinWindowMs" | "joinBurst" | "admitBatch" | "admitTakeoverMs" | "admitAttempts"
>;

/** What stands before each KeyPackage when several are packed together. */
const LENGTH_BYTES = 4;

interface Waiting {
  readonly keyPackage: Uint8Array;
  /** How many members were told of it. */
  told: number;
}

/**
 * Newcomers who wait for a member to let them in. While a room is quiet each newcomer enters by
 * its own commit, which is quickest. When several come within one window they are told to wait
 * here, and one member lets all of them in by one commit; if it stays silent, another one is told.
 * The server sees KeyPackages but can let nobody in: members check each one's proof.
 */
export class JoinQueue {
  readonly #members: () => readonly ParticipantId[];
  readonly #tell: TellMember;
  readonly #options: JoinQueueOptions;
  readonly #budget: ByteBudget;
  readonly #clock: Clock;
  readonly #waiting = new Map<ParticipantId, Waiting>();
  readonly #silent = new Set<ParticipantId>();
  /** Those whom the latest commit let in: they may still be on their way. */
  #fresh: ReadonlySet<ParticipantId> = new Set();
  #arrivalsMs: number[] = [];
  #cancelTurn: (() => void) | undefined;

  /** `members` are the group's, in any order. */
  constructor(
    members: () => readonly ParticipantId[],
    tell: TellMember,
    options: JoinQueueOptions,
    budget: ByteBudget,
    clock: Clock,
  ) {
    this.#members = members;
    this.#tell = tell;
    this.#options = options;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** Somebody wants to enter by their own commit. Throws `group-busy` when too many do just now. */
  arrive(participantId: ParticipantId): void {
    // Who waited in vain tries alone, whatever the others do.
    if (this.withdraw(participantId)) return;
    const nowMs = this.#clock.now();
    const { joinWindowMs, joinBurst } = this.#options;
    this.#arrivalsMs = this.#arrivalsMs.filter((atMs) => nowMs - atMs < joinWindowMs);
    this.#arrivalsMs.push(nowMs);
    // As many as matter are kept, however many come.
    this.#arrivalsMs = this.#arrivalsMs.slice(-joinBurst - 1);
    if (this.#waiting.size > 0 || this.#arrivalsMs.length > joinBurst) {
      throw new ProtocolError("group-busy");
    }
  }

  /** Throws `group-unavailable` when the server keeps too much already. */
  propose(participantId: ParticipantId, keyPackage: Uint8Array): void {
    this.withdraw(participantId);
    if (!this.#budget.reserve(keyPackage.byteLength)) throw new ProtocolError("group-unavailable");
    this.#waiting.set(participantId, { keyPackage: new Uint8Array(keyPackage), told: 0 });
    this.#cancelTurn ??= this.#clock.after(this.#options.joinWindowMs, () => {
      this.#turn();
    });
  }

  /** True when the participant waited here. */
  withdraw(participantId: ParticipantId): boolean {
    const waiting = this.#waiting.get(participantId);
    if (waiting === undefined) return false;
    this.#waiting.delete(participantId);
    this.#budget.release(waiting.keyPackage.byteLength);
    return true;
  }

  /** A commit was accepted that lets these in. Returns those of them who waited. */
  committed(participantIds: readonly ParticipantId[]): ParticipantId[] {
    const admitted = participantIds.filter((participantId) => this.withdraw(participantId));
    this.#fresh = new Set(admitted);
    this.#silent.clear();
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
    // The key packages that went along were for the epoch that has ended, or came too late.
    if (this.#due().length > 0) {
      this.#cancelTurn = this.#clock.after(this.#options.joinWindowMs, () => {
        this.#turn();
      });
    }
    return admitted;
  }

  /** The room or the group is over. */
  close(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
    for (const participantId of [...this.#waiting.keys()]) this.withdraw(participantId);
    this.#silent.clear();
    this.#fresh = new Set();
    this.#arrivalsMs = [];
  }

  #turn(): void {
    this.#cancelTurn = undefined;
    const due = this.#batch();
    if (due.length === 0) return;
    const told = this.#tellSomebody(due.map(({ keyPackage }) => keyPackage));
    if (told) for (const waiting of due) waiting.told += 1;
    this.#cancelTurn = this.#clock.after(this.#options.admitTakeoverMs, () => {
      this.#turn();
    });
  }

  #tellSomebody(keyPackages: readonly Uint8Array[]): boolean {
    for (const participantId of this.#candidates()) {
      this.#silent.add(participantId);
      if (this.#tell(participantId, keyPackages)) return true;
    }
    this.#silent.clear();
    return false;
  }

  /**
   * By chance, so that paths fill the tree evenly, which keeps later commits small; those who have
   * just been let in come last.
   */
  #candidates(): ParticipantId[] {
    const open = this.#members().filter((id) => !this.#waiting.has(id) && !this.#silent.has(id));
    const shuffled = open
      .map((id) => ({ id, order: Math.random() + Number(this.#fresh.has(id)) }))
      .sort((a, b) => a.order - b.order);
    return shuffled.map(({ id }) => id);
  }

  /** As many as one message to a member carries. */
  #batch(): Waiting[] {
    let bytes = 0;
    return this.#due()
      .slice(0, this.#options.admitBatch)
      .filter(({ keyPackage }) => {
        bytes += keyPackage.byteLength + LENGTH_BYTES;
        return bytes <= LIMITS.packedKeyPackagesBytes;
      });
  }

  /** Those whom no member wanted to let in are not offered for ever. */
  #due(): Waiting[] {
    const { admitAttempts } = this.#options;
    return [...this.#waiting.values()].filter(({ told }) => told < admitAttempts);
  }
}
