import type { MediaEngine } from "../../loadtest/engine/media-engine.ts";
import { epochSecret, labKey } from "../../test/support/engine-lab.ts";
import type { ServerRoom } from "./tested-server.ts";

const SOURCE = "camera";
const EPOCH = 1;
/** By the golden ratio each publisher's key frames lie far from those of all before it. */
const PHASE_STEP = 0.618_034;
const SILENT = { active: true, audioLevelDbov: 127 } as const;
/** The generator's participants of all rooms, as its names must differ. */
let named = 0;

/** Publishers and viewers in one room, the same on whichever server. */
export class OfferedLoad {
  readonly #engine: MediaEngine;
  readonly #room: ServerRoom;
  readonly #openShare: number;
  readonly #secret = epochSecret();
  readonly #publishers: string[] = [];
  #consumers = 0;
  #viewers = 0;

  /** `openShare`: which of the frames viewers open, 0 to 1; the others are put together only. */
  constructor(engine: MediaEngine, room: ServerRoom, openShare: number) {
    this.#engine = engine;
    this.#room = room;
    this.#openShare = openShare;
  }

  /** Pictures that are forwarded to somebody. */
  get consumers(): number {
    return this.#consumers;
  }

  get publishers(): number {
    return this.#publishers.length;
  }

  get participants(): number {
    return this.#publishers.length + this.#viewers;
  }

  async addPublisher(): Promise<void> {
    const participant = await this.#addParticipant();
    this.#publishers.push(participant);
    const leaf = this.#publishers.length;
    const sending = [labKey(this.#secret, leaf, EPOCH, SOURCE)];
    await this.#engine.request("keys:set", { participant, sending, receiving: [] });
    const form = await this.#room.publish(participant);
    const phase = (leaf * PHASE_STEP) % 1;
    await this.#engine.request("stream:send", {
      ...form,
      ...SILENT,
      participant,
      stream: SOURCE,
      phase,
    });
  }

  /** Adds one who receives the pictures of all publishers. */
  async addViewer(): Promise<void> {
    const participant = await this.#addParticipant();
    const receiving = this.#publishers.map((from, index) => ({
      ...labKey(this.#secret, index + 1, EPOCH, SOURCE),
      from,
    }));
    await this.#engine.request("keys:set", { participant, sending: [], receiving });
    for (const form of await this.#room.watch(participant)) {
      await this.#engine.request("stream:receive", {
        ...form,
        participant,
        stream: form.from,
        source: SOURCE,
        openShare: this.#openShare,
        active: true,
      });
      this.#consumers += 1;
    }
    this.#viewers += 1;
  }

  /** Sends, or keeps still while another server has its turn. */
  async setSending(active: boolean): Promise<void> {
    await Promise.all(
      this.#publishers.map((participant) =>
        this.#engine.request("stream:set", { participant, stream: SOURCE, active }),
      ),
    );
  }

  async #addParticipant(): Promise<string> {
    named += 1;
    const participant = `participant-${named}`;
    await this.#engine.request("participant:create", { participant });
    return participant;
  }
}
