import type { ParticipantEvent } from "../participant/participant-plan.ts";
import type { Histogram } from "../statistics/histogram.ts";

type EpochEvent = Extract<ParticipantEvent, { type: "epoch" }>;

interface RoomEpochs {
  /** By tag, when its first member had it. Bounded, as a soak has many. */
  readonly firstAtUs: Map<string, number>;
  /** Which epoch each member has reached. */
  readonly tagOf: Map<string, string>;
  latest: string;
}

const REMEMBERED = 64;

/** How quickly keys reach all members of their room, and leavers are shut out. In microseconds. */
export class EpochWatch {
  readonly #rekey: Histogram;
  readonly #exclusion: Histogram;
  readonly #rooms = new Map<number, RoomEpochs>();
  readonly #leavingAtUs = new Map<string, number>();

  constructor(rekey: Histogram, exclusion: Histogram) {
    this.#rekey = rekey;
    this.#exclusion = exclusion;
  }

  /** The share of members that have their room's newest keys, 0 to 1; 1 when there is nobody. */
  get convergence(): number {
    let members = 0;
    let current = 0;
    for (const { tagOf, latest } of this.#rooms.values()) {
      members += tagOf.size;
      for (const tag of tagOf.values()) if (tag === latest) current += 1;
    }
    return members === 0 ? 1 : current / members;
  }

  epoch({ room, participantId, tag, atUs, shutOut }: EpochEvent): void {
    const epochs = this.#roomOf(room);
    const firstUs = epochs.firstAtUs.get(tag);
    if (firstUs === undefined) {
      epochs.firstAtUs.set(tag, atUs);
      epochs.latest = tag;
      const [oldest] = epochs.firstAtUs.keys();
      if (epochs.firstAtUs.size > REMEMBERED && oldest !== undefined) {
        epochs.firstAtUs.delete(oldest);
      }
    } else {
      // Agents report at intervals, so the first to be told of need not be the first to have it.
      this.#rekey.record(Math.abs(atUs - firstUs));
      if (atUs < firstUs) epochs.firstAtUs.set(tag, atUs);
    }
    epochs.tagOf.set(participantId, tag);
    for (const leaver of shutOut) {
      const leftUs = this.#leavingAtUs.get(leaver);
      if (leftUs !== undefined) this.#exclusion.record(atUs - leftUs);
    }
  }

  leaving(participantId: string, atUs: number): void {
    this.#leavingAtUs.set(participantId, atUs);
  }

  left(room: number, participantId: string): void {
    this.#rooms.get(room)?.tagOf.delete(participantId);
  }

  #roomOf(room: number): RoomEpochs {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const epochs: RoomEpochs = { firstAtUs: new Map(), tagOf: new Map(), latest: "" };
    this.#rooms.set(room, epochs);
    return epochs;
  }
}
