import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";
import type { Clock } from "../lib/clock.ts";
import type { ParticipantId, RoomId } from "../protocol/index.ts";
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

/** Refusals that mean that this stay cannot be, on this server, at all. */
const FINAL: ReadonlySet<string> = new Set([
  "bad-request",
  "bad-answer",
  "room-full",
  "server-full",
  "participant-exists",
  "resume-refused",
  "unsupported",
  "group-failed",
]);
const RETRY_MS = 1_000;

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
      // A later attempt is on its way, or a lost connection will lead to one.
      if (this.#scope.ended || attempt !== this.#attempts || isConnectionLoss(error)) return;
      const reason = CallError.from(error);
      if (FINAL.has(reason.code)) {
        this.events.emit("room:refused", reason);
        return;
      }
      this.#scope.after(RETRY_MS, () => {
        if (attempt === this.#attempts) this.#options.connection.reopen();
      });
    }
  }

  async #enter(): Promise<void> {
    const { connection, group, media, roster, timings, roomId, participantId } = this.#options;
    const returns = this.#resumeToken !== undefined;
    const { epoch } = group;
    const answer = await connection.request("room:join", {
      roomId,
      participantId,
      ...(this.#resumeToken === undefined ? {} : { resumeToken: this.#resumeToken }),
      ...(epoch === undefined ? {} : { group: { epoch } }),
    });
    this.#scope.assertOpen();
    timings.end("join");
    this.#resumeToken = answer.resumeToken;
    roster.reset(answer.participants);
    await Promise.all([
      this.#enterGroup(answer.group),
      returns ? media.resync(answer.resumed) : this.#startMedia(answer.routerRtpCapabilities),
    ]);
    this.#scope.assertOpen();
  }

  async #enterGroup(serverGroup: Parameters<GroupSession["enter"]>[0]): Promise<void> {
    const { group, media, timings } = this.#options;
    await group.enter(serverGroup);
    timings.end("group");
    // Frames that came before there were keys would only be lost.
    media.remote.flow();
  }

  async #startMedia(capabilities: Parameters<MediaSession["start"]>[0]): Promise<void> {
    await this.#options.media.start(capabilities);
    this.#options.timings.end("transport");
  }
}

function isConnectionLoss(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === "disconnected";
}
