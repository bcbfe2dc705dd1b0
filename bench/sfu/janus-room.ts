import type { MediaEngine } from "../../loadtest/engine/media-engine.ts";
import { openTransport } from "./engine-transport.ts";
import type { Description } from "./janus-sdp.ts";
import {
  CLOCK_RATE,
  PAYLOAD_TYPE,
  publisherOffer,
  readDescription,
  viewerAnswer,
} from "./janus-sdp.ts";
import type { Jsep, JanusSession } from "./janus-session.ts";
import { SENT_LAYER } from "./tested-server.ts";
import type { ReceivedForm, SentForm, ServerRoom } from "./tested-server.ts";

const FIRST_SSRC = 5_000;
let rooms = 0;

/** A room of Janus's VideoRoom. Its participants share one session, and have a handle each. */
export class JanusRoom implements ServerRoom {
  readonly #engine: MediaEngine;
  readonly #session: JanusSession;
  readonly #room: string;
  readonly #published: string[] = [];

  static async create(engine: MediaEngine, session: JanusSession): Promise<JanusRoom> {
    rooms += 1;
    const room = `room-${rooms}`;
    const handle = await session.attach();
    await session.ask(handle, {
      request: "create",
      room,
      publishers: 1_000,
      videocodec: "vp8",
      // No limit, and key frames only when somebody asks for one.
      bitrate: 0,
      fir_freq: 0,
    });
    return new JanusRoom(engine, session, room);
  }

  private constructor(engine: MediaEngine, session: JanusSession, room: string) {
    this.#engine = engine;
    this.#session = session;
    this.#room = room;
  }

  async publish(participant: string): Promise<SentForm> {
    const handle = await this.#session.attach();
    const who = { room: this.#room, id: participant };
    await this.#session.ask(handle, { request: "join", ptype: "publisher", ...who });
    const ssrc = FIRST_SSRC + this.#published.length;
    const ref = { participant, direction: "send" } as const;
    let answer: Description | undefined;
    await openTransport(this.#engine, ref, async (own) => {
      const sdp = publisherOffer(own, ssrc, participant);
      const told = await this.#session.ask(handle, { request: "publish" }, { type: "offer", sdp });
      answer = described(told.jsep);
      return answer.server;
    });
    this.#published.push(participant);
    return {
      source: "camera",
      media: "camera",
      mid: "0",
      cname: participant,
      payloadType: PAYLOAD_TYPE,
      clockRate: CLOCK_RATE,
      headerExtensions: answer?.pictures[0]?.headerExtensions ?? {},
      encodings: [{ layer: SENT_LAYER, ssrc, active: true }],
    };
  }

  async watch(participant: string): Promise<ReceivedForm[]> {
    const handle = await this.#session.attach();
    const streams = this.#published.map((feed) => ({ feed }));
    const who = { room: this.#room, streams };
    const told = await this.#session.ask(handle, { request: "join", ptype: "subscriber", ...who });
    const offer = described(told.jsep);
    const ref = { participant, direction: "receive" } as const;
    await openTransport(this.#engine, ref, async (own) => {
      const answer: Jsep = { type: "answer", sdp: viewerAnswer(own, offer) };
      await this.#session.ask(handle, { request: "start" }, answer);
      return offer.server;
    });
    return offer.pictures.map(({ mid, payloadType, ssrc, headerExtensions }, index) => {
      const from = this.#published[index];
      if (ssrc === undefined || from === undefined) throw new Error(`no stream for mid ${mid}`);
      return { from, mid, payloadType, ssrc, headerExtensions, clockRate: CLOCK_RATE };
    });
  }

  close(): void {
    this.#session.close();
  }
}

function described(jsep: Jsep | undefined): Description {
  if (jsep === undefined) throw new Error("Janus told no session description");
  return readDescription(jsep.sdp);
}
