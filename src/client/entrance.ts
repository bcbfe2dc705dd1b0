import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";
import type { Clock } from "../lib/clock.ts";
import type { ClientRequestOutput, ParticipantId, RoomId } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import { CallError } from "./call-error.ts";
import type { CallTimings } from "./call-timings.ts";
import type { SignalingConnection } from "./connection/signaling-connection.ts";
import type { GroupSession } from "./group/group-session.ts";
import type { MediaSession } from "./media/media-session.ts";
import type { RoomRoster } from "./room-roster.ts";

export interface EntranceEvents {
  /** The room, the group and the media are ours, for the first time or again. */
  "room:entered": undefined;
  /** There is no use in trying again. */
  "room:refused": CallError;
}

export interface EntranceOptions {
  readonly connection: SignalingConnection;
  readonly group: GroupSession;
  readonly media: MediaSession;
  readonly roster: RoomRoster;
  readonly timings: CallTimings;
  readonly clock: Clock;
  readonly roomId: RoomId;
  readonly participantId: ParticipantId;
}

type JoinAnswer = ClientRequestOutput<"room:join">;

/** Refusals that mean that this stay cannot be, on this server, at all. */
const FINAL: ReadonlySet<string> = new Set([
  "bad-request",
  "bad-answer",
  "room-full",
  "server-full",
  "unsupported",
  "group-failed",
  "locked",
  "link-void",
  "kicked",
]);
/**
 * Also how often is asked while a server keeps an earlier stay of ours whose token is lost, because
 * another server took us in meanwhile: that stay ends by itself.
 */
const RETRY_MS = 1_000;
/** How long whoever has the keys waits for the others' streams to be asked for, too. */
const MEDIA_HEAD_START_MS = 200;

/**
 * Enters the room each time that the connection stands, and takes up the stay again with its token.
 * An attempt that fails halfway is made again on a new connection, so that the server never has to
 * make sense of half an entry.
 */
export class Entrance {
  readonly events = new Emitter<EntranceEvents>();
  readonly #options: EntranceOptions;
  readonly #scope: Scope;
  #resumeToken: string | undefined;
  #attempts = 0;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#scope = new Scope("entrance", options.clock);
  }

  /** Begins to enter; `room:entered` or `room:refused` follows. */
  open(): void {
    const { connection, timings } = this.#options;
    const onUp = () => {
      timings.end("socket");
      void this.#attempt();
    };
    this.#scope.add(connection.events.on("connection:up", onUp));
    this.#scope.add(
      connection.events.on("connection:refused", (error) => {
        this.events.emit("room:refused", CallError.from(error));
      }),
    );
    if (connection.connected) onUp();
    else connection.open();
  }

  close(): void {
    this.#scope.end("closed");
    this.events.removeAllListeners();
  }

  async #attempt(): Promise<void> {
    this.#attempts += 1;
    const attempt = this.#attempts;
    try {
      await this.#enter();
      if (attempt === this.#attempts) this.events.emit("room:entered", undefined);
    } catch (error) {
      if (attempt === this.#attempts) this.#onFailure(error);
    }
  }

  #onFailure(error: unknown): void {
    // A lost connection leads to a later attempt by itself.
    if (this.#scope.ended || isConnectionLoss(error)) return;
    const reason = CallError.from(error);
    if (FINAL.has(reason.code)) {
      this.events.emit("room:refused", reason);
      return;
    }
    const attempt = this.#attempts;
    this.#scope.after(RETRY_MS, () => {
      if (attempt === this.#attempts) this.#options.connection.reopen();
    });
  }

  async #enter(): Promise<void> {
    const { connection, group, media, roster, timings, roomId, participantId } = this.#options;
    const { position } = group;
    const isReturn = this.#resumeToken !== undefined;
    const joining = connection.request("room:join", {
      roomId,
      participantId,
      ...(this.#resumeToken === undefined ? {} : { resumeToken: this.#resumeToken }),
      ...(position === undefined ? {} : { group: position }),
    });
    const joined = async () => {
      const answer = await joining;
      this.#scope.assertOpen();
      timings.end("join");
      this.#resumeToken = answer.resumeToken;
      // Else what the others send would be asked for on transports that the server doesn't know.
      if (isReturn && !answer.resumed) media.forget();
      roster.reset(answer.participants);
      return answer;
    };
    await (isReturn ? this.#return(joined()) : this.#begin(joined()));
    this.#scope.assertOpen();
  }

  /**
   * The first entry. What it asks for next goes out behind `room:join` at once, since the server
   * answers in order: that saves a round trip each. Whoever has the keys is in: media follows by
   * itself. But as a rule the others' streams are asked for by then, so that the server works on
   * them while the page has its hands full with showing the call.
   */
  async #begin(joined: Promise<JoinAnswer>): Promise<void> {
    const entered = Promise.all([joined, this.#enterGroup(undefined)]);
    const asked = Promise.withResolvers<void>();
    this.#startMedia()
      .catch((error: unknown) => {
        this.#onFailure(error);
      })
      .finally(asked.resolve);
    await entered;
    const releases = [
      this.#scope.after(MEDIA_HEAD_START_MS, asked.resolve),
      this.#scope.add(asked.resolve),
    ];
    await asked.promise;
    for (const release of releases) release();
  }

  async #startMedia(): Promise<void> {
    const { media, timings } = this.#options;
    const { sending } = await media.start();
    void sending.then(() => {
      timings.end("transport");
    });
  }

  async #return(joined: Promise<JoinAnswer>): Promise<void> {
    const answer = await joined;
    await Promise.all([this.#enterGroup(answer.group), this.#options.media.resync(answer.resumed)]);
  }

  async #enterGroup(serverGroup: JoinAnswer["group"] | undefined): Promise<void> {
    const { group, media, timings } = this.#options;
    await group.enter(serverGroup);
    timings.end("group");
    // Frames that came before there were keys would only be lost.
    media.remote.flow();
  }
}

function isConnectionLoss(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === "disconnected";
}
