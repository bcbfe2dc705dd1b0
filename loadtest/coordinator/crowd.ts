import { isWithinShare } from "../scenario/is-within-share.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Agents } from "./agents.ts";
import type { Planner } from "./planner.ts";
import type { Recorder } from "./recorder.ts";

interface Seat {
  readonly room: number;
  readonly index: number;
  participantId: string;
  isSpeaking: boolean;
}

/** Who is in the calls of a run, and what they do there. */
export class Crowd {
  readonly #scenario: Scenario;
  readonly #agents: Agents;
  readonly #planner: Planner;
  readonly #recorder: Recorder;
  readonly #seats: Seat[] = [];
  /** All who were ever sent in, and who of them got in. */
  #sent = 0;
  #churnDebt = 0;

  constructor(options: {
    readonly scenario: Scenario;
    readonly agents: Agents;
    readonly planner: Planner;
    readonly recorder: Recorder;
  }) {
    this.#scenario = options.scenario;
    this.#agents = options.agents;
    this.#planner = options.planner;
    this.#recorder = options.recorder;
  }

  /** How many should be in now. */
  get size(): number {
    return this.#seats.length;
  }

  /** How many of those who should be in are. */
  get present(): number {
    return this.#seats.filter(({ participantId }) => this.#recorder.hasJoined(participantId))
      .length;
  }

  get hasSettled(): boolean {
    return this.#seats.every(
      ({ participantId }) =>
        this.#recorder.hasJoined(participantId) || this.#recorder.hasFailed(participantId),
    );
  }

  get sent(): number {
    return this.#sent;
  }

  /** Sends one more participant into a room. `total` is how many there will be. */
  add(room: number, index: number, total: number): void {
    const seat = { room, index, participantId: "", isSpeaking: true };
    this.#seats.push(seat);
    this.#send(seat, total);
  }

  /** Once a second: speakers change, and some people go while others come. */
  everySecond(second: number): void {
    const { talk, churnPerMinute } = this.#scenario;
    if (second % Math.max(1, Math.round(talk.spurtS)) === 0) this.#changeSpeakers();
    this.#churnDebt += (churnPerMinute / 60) * this.#rooms.size;
    while (this.#churnDebt >= 1) {
      this.#churnDebt -= 1;
      this.#replaceSomebody();
    }
  }

  /** Does something to so many of each room. */
  forEach(percent: number, task: (participantId: string) => void): void {
    for (const { index, participantId } of this.#seats) {
      if (isWithinShare(index, percent)) task(participantId);
    }
  }

  #send(seat: Seat, total: number): void {
    const plan = this.#planner.plan(seat.room, seat.index, total);
    seat.participantId = plan.participantId;
    seat.isSpeaking = true;
    this.#sent += 1;
    this.#agents.join(plan);
  }

  get #rooms(): Map<number, Seat[]> {
    const rooms = new Map<number, Seat[]>();
    for (const seat of this.#seats) rooms.set(seat.room, [...(rooms.get(seat.room) ?? []), seat]);
    return rooms;
  }

  #changeSpeakers(): void {
    for (const seats of this.#rooms.values()) {
      const first = Math.floor(Math.random() * seats.length);
      for (const [place, seat] of seats.entries()) {
        const distance = (place - first + seats.length) % seats.length;
        const isSpeaking = distance < this.#scenario.talk.speakers;
        if (isSpeaking === seat.isSpeaking) continue;
        seat.isSpeaking = isSpeaking;
        this.#agents.tell({ type: "speak", participantId: seat.participantId, isSpeaking });
      }
    }
  }

  #replaceSomebody(): void {
    const present = this.#seats.filter(({ participantId }) =>
      this.#recorder.hasJoined(participantId),
    );
    const seat = present[Math.floor(Math.random() * present.length)];
    if (seat === undefined) return;
    this.#agents.tell({ type: "leave", participantId: seat.participantId });
    this.#send(seat, this.size);
  }
}
