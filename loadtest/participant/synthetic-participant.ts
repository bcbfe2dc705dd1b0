import { SignalingConnection } from "../../src/client/connection/signaling-connection.ts";
import type { EpochChange } from "../../src/client/group/group-events.ts";
import { GroupSession } from "../../src/client/group/group-session.ts";
import { RoomRoster } from "../../src/client/room-roster.ts";
import { parseInvitationLink } from "../../src/e2ee/invitation/index.ts";
import { toBase64Url } from "../../src/lib/base64url.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ClosedError } from "../../src/lib/closed-error.ts";
import { Scope } from "../../src/lib/scope.ts";
import type { MediaSource } from "../../src/protocol/index.ts";
import { KIND_OF_SOURCE } from "../../src/protocol/index.ts";
import { wallClockUs } from "../engine/frame-stamp.ts";
import type { MediaEngine } from "../engine/media-engine.ts";
import type { FrameKeys } from "./frame-keys.ts";
import { KeyDelivery } from "./key-delivery.ts";
import type { OwnEvent, ParticipantEvent, ParticipantPlan } from "./participant-plan.ts";
import { SyntheticMedia } from "./synthetic-media.ts";

export interface SyntheticParticipantOptions {
  readonly plan: ParticipantPlan;
  readonly engine: MediaEngine;
  readonly frameKeys: FrameKeys;
  readonly tell: (event: ParticipantEvent) => void;
}

/** A server that has enough of this address refuses without a word to the participant. */
class NoConnectionError extends Error {
  readonly code = "no-connection";

  constructor() {
    super("no connection to signaling came about, though it was tried again and again");
  }
}

class MediaLostError extends Error {
  readonly code = "media-lost";

  constructor(reason: string) {
    super(`media was lost: ${reason}`);
  }
}

type Stage = Extract<OwnEvent, { type: "stage" }>["stage"];

/** As the client has it. */
const UPDATE_INTERVAL_MS = 300_000;
const LEAVE_WINDOW_MS = 100;
const RETRY_MS = 500;
const FAREWELL_MS = 1_000;
const CONNECT_PATIENCE_MS = 10_000;
const ALL_SOURCES: readonly MediaSource[] = ["microphone", "camera", "screen", "screen-audio"];
/** Answers with which no later attempt can succeed. */
const FINAL: ReadonlySet<string> = new Set([
  "bad-request",
  "bad-answer",
  "protocol-unsupported",
  "room-full",
  "server-full",
  "unsupported-media",
]);

/**
 * A participant as the server knows it: its own connection, its own place in the MLS group, its own
 * transports. Only encoders and decoders are missing.
 */
export class SyntheticParticipant {
  readonly #plan: ParticipantPlan;
  readonly #options: SyntheticParticipantOptions;
  readonly #scope = new Scope("synthetic participant", systemClock);
  readonly #connection: SignalingConnection;
  readonly #roster: RoomRoster;
  readonly #group: GroupSession;
  readonly #keys: KeyDelivery;
  readonly #stages = new Set<Stage>();
  #media: SyntheticMedia | undefined;
  #resumeToken: string | undefined;
  #beganMs = 0;
  #attempts = 0;
  #hasKeys = false;
  #isConnected = false;
  #hasJoined = false;
  #isLeaving = false;
  #signalingLostMs: number | undefined;
  #mediaLostMs: number | undefined;

  constructor(options: SyntheticParticipantOptions) {
    this.#options = options;
    this.#plan = options.plan;
    const { participantId, link } = options.plan;
    const invitation = parseInvitationLink(link);
    this.#connection = new SignalingConnection({ url: new URL(link) });
    this.#roster = new RoomRoster(this.#connection, participantId);
    this.#group = new GroupSession({
      connection: this.#connection,
      invitation,
      participantId,
      clock: systemClock,
      updateIntervalMs: UPDATE_INTERVAL_MS,
      leaveWindowMs: LEAVE_WINDOW_MS,
    });
    this.#keys = new KeyDelivery({
      engine: options.engine,
      participant: participantId,
      frameKeys: options.frameKeys,
      sources: ALL_SOURCES,
      onError: (error) => {
        this.#trouble(error, false);
      },
    });
    this.#listen();
  }

  get hasJoined(): boolean {
    return this.#hasJoined;
  }

  /** Begins to join; its events tell what comes of it. */
  async join(): Promise<void> {
    this.#beganMs = performance.now();
    const { participantId: participant } = this.#plan;
    await this.#options.engine.request("participant:create", { participant });
    if (this.#scope.ended) return;
    this.#connection.open();
    this.#scope.after(CONNECT_PATIENCE_MS, () => {
      if (!this.#stages.has("socket")) this.#trouble(new NoConnectionError(), false);
    });
  }

  /** Speaks or is silent, as far as the server can tell. */
  setSpeaking(isSpeaking: boolean): void {
    this.#media?.setAudioLevel(isSpeaking ? 30 : 127);
  }

  async setSharing(isSharing: boolean): Promise<void> {
    try {
      await (isSharing ? this.#media?.publish("screen") : this.#media?.unpublish("screen"));
    } catch (error) {
      this.#trouble(error, false);
    }
  }

  /** Breaks its connection to signaling, which it then makes anew. */
  reconnect(): void {
    if (!this.#scope.ended) this.#connection.reopen();
  }

  /** All packets of its media are lost for so long, if its plan has an impairment. */
  cut(forMs: number): void {
    this.#media?.cut(forMs);
  }

  /** Says goodbye and goes. */
  async leave(): Promise<void> {
    if (this.#scope.ended || this.#isLeaving) return;
    this.#isLeaving = true;
    if (this.#hasJoined) this.#tell({ type: "leaving", atUs: wallClockUs() });
    const farewell = this.#connection.request("room:leave", {}).catch(() => undefined);
    const patience = new Promise((resolve) => {
      setTimeout(resolve, FAREWELL_MS).unref();
    });
    await Promise.race([farewell, patience]);
    await this.#close();
  }

  async #close(): Promise<void> {
    if (!this.#scope.end("left")) return;
    this.#media?.close();
    this.#group.close("left");
    this.#roster.close();
    this.#keys.close();
    this.#connection.close("left");
    const { participantId: participant } = this.#plan;
    await this.#options.engine.request("participant:close", { participant }).catch(() => undefined);
    this.#tell({ type: "left" });
  }

  #listen(): void {
    const { events } = this.#connection;
    const removers = [
      events.on("connection:up", () => {
        this.#stage("socket");
        void this.#attempt();
      }),
      events.on("connection:down", () => {
        this.#onSignalingLost();
      }),
      events.on("connection:refused", (error) => {
        this.#fail(error);
      }),
      events.on("message:invalid", ({ name }) => {
        this.#trouble(new Error(`not in the contract: ${name}`), false);
      }),
      this.#group.events.on("epoch:changed", (change) => {
        this.#onEpoch(change);
      }),
      this.#group.events.on("group:failed", (error) => {
        this.#fail(error);
      }),
      this.#roster.events.on("roster:changed", () => {
        this.#group.rosterChanged(this.#roster.present, this.#roster.left);
      }),
      this.#options.engine.events.on("stream:first-frame", ({ participant, stream }) => {
        if (participant === this.#plan.participantId) this.#onFirstFrame(stream);
      }),
    ];
    for (const remove of removers) this.#scope.add(remove);
  }

  #onSignalingLost(): void {
    if (this.#signalingLostMs !== undefined) return;
    this.#signalingLostMs = performance.now();
    if (this.#hasJoined && !this.#isLeaving) this.#tell({ type: "lost", what: "signaling" });
  }

  async #attempt(): Promise<void> {
    this.#attempts += 1;
    const attempt = this.#attempts;
    try {
      await this.#enter();
      if (this.#signalingLostMs !== undefined && this.#hasJoined) {
        const ms = performance.now() - this.#signalingLostMs;
        this.#tell({ type: "recovered", what: "signaling", ms });
      }
      this.#signalingLostMs = undefined;
      this.#noteJoined();
    } catch (error) {
      if (attempt !== this.#attempts || this.#scope.ended) return;
      this.#onEntryFailed(error);
    }
  }

  #onEntryFailed(error: unknown): void {
    const code = codeOf(error);
    // A lost connection leads to another attempt by itself.
    if (code === "disconnected" || error instanceof ClosedError) return;
    if (FINAL.has(code)) {
      this.#fail(error);
      return;
    }
    this.#trouble(error, false);
    this.#scope.after(RETRY_MS * (1 + Math.random()), () => {
      this.#connection.reopen();
    });
  }

  async #enter(): Promise<void> {
    const { link, participantId } = this.#plan;
    const { position } = this.#group;
    const answer = await this.#connection.request("room:join", {
      roomId: parseInvitationLink(link).roomId,
      participantId,
      ...(this.#resumeToken === undefined ? {} : { resumeToken: this.#resumeToken }),
      ...(position === undefined ? {} : { group: position }),
    });
    this.#scope.assertOpen();
    this.#stage("join");
    this.#resumeToken = answer.resumeToken;
    this.#roster.reset(answer.participants);
    const media = answer.resumed && this.#media !== undefined ? undefined : this.#startMedia();
    await Promise.all([this.#enterGroup(answer.group), media]);
  }

  async #enterGroup(server: Parameters<GroupSession["enter"]>[0]): Promise<void> {
    await this.#group.enter(server);
    this.#scope.assertOpen();
    this.#stage("group");
    this.#hasKeys = true;
    this.#media?.flow();
  }

  async #startMedia(): Promise<void> {
    this.#media?.close();
    const media = new SyntheticMedia({
      plan: this.#plan,
      engine: this.#options.engine,
      connection: this.#connection,
      roster: this.#roster,
      keys: this.#keys,
      connected: () => {
        this.#onMediaConnected();
      },
      broken: (reason) => {
        this.#onMediaBroken(reason);
      },
      trouble: (error) => {
        this.#trouble(error, false);
      },
    });
    this.#media = media;
    if (this.#hasKeys) media.flow();
    await media.start();
  }

  #onMediaConnected(): void {
    this.#isConnected = true;
    this.#stage("transport");
    if (this.#mediaLostMs !== undefined) {
      this.#tell({ type: "recovered", what: "media", ms: performance.now() - this.#mediaLostMs });
      this.#mediaLostMs = undefined;
    }
    this.#noteJoined();
  }

  #onMediaBroken(reason: string): void {
    this.#isConnected = false;
    if (this.#mediaLostMs === undefined) this.#tell({ type: "lost", what: "media" });
    this.#mediaLostMs ??= performance.now();
    this.#trouble(new MediaLostError(reason), false);
    this.#scope.after(RETRY_MS, () => {
      // Without a connection its return begins everything anew.
      if (!this.#connection.connected) this.#media = undefined;
      else {
        this.#startMedia().catch((error: unknown) => {
          if (!this.#scope.ended) this.#onMediaBroken(codeOf(error));
        });
      }
    });
  }

  #onEpoch({ keys, members, authenticator, left }: EpochChange): void {
    this.#keys.setEpoch(keys);
    this.#roster.forgetLeft(new Set(members.map(({ participantId }) => participantId)));
    this.#tell({
      type: "epoch",
      epoch: keys.epoch,
      tag: toBase64Url(authenticator.subarray(0, 9)),
      atUs: wallClockUs(),
      members: members.length,
      shutOut: [...left],
    });
  }

  #onFirstFrame(producerId: string): void {
    const stream = this.#roster.announced.find((one) => one.producerId === producerId);
    if (stream === undefined) return;
    this.#stage(KIND_OF_SOURCE[stream.source] === "audio" ? "firstAudio" : "firstVideo");
  }

  #noteJoined(): void {
    if (this.#hasJoined || !this.#hasKeys || !this.#isConnected) return;
    this.#hasJoined = true;
    this.#tell({ type: "joined", ms: performance.now() - this.#beganMs });
  }

  /** Only the first time: later ones are recoveries. */
  #stage(stage: Stage): void {
    if (this.#stages.has(stage)) return;
    this.#stages.add(stage);
    this.#tell({ type: "stage", stage, ms: performance.now() - this.#beganMs });
  }

  #fail(error: unknown): void {
    if (this.#scope.ended) return;
    this.#trouble(error, true);
    void this.#close();
  }

  #trouble(error: unknown, isFinal: boolean): void {
    // What was under way when it left comes to nothing, as it should.
    if (this.#isLeaving || error instanceof ClosedError) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#tell({ type: "trouble", code: codeOf(error), message, isFinal });
  }

  #tell(event: OwnEvent): void {
    const { participantId, room } = this.#plan;
    this.#options.tell({ ...event, participantId, room });
  }
}

function codeOf(error: unknown): string {
  const code: unknown = Reflect.get(Object(error), "code");
  return typeof code === "string" ? code : "failed";
}
