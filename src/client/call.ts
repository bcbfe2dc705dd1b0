import type { GroupMember } from "../e2ee/group/index.ts";
import type { EpochCode, IdentityKey } from "../e2ee/verification/index.ts";
import type { TransformHost } from "../e2ee/worker/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { CallEvents } from "./call-events.ts";
import { passOn, tellOfAction } from "./call-events.ts";
import type { MediaSource, ParticipantId } from "../protocol/index.ts";
import type { CallPhase, CallState, StreamTrouble } from "./call-state.ts";
import type { CallStats } from "./call-stats.ts";
import type { SignalingConnection } from "./connection/signaling-connection.ts";
import type { EpochChange } from "./group/group-events.ts";
import type { GroupSession } from "./group/group-session.ts";
import type { MediaSession } from "./media/media-session.ts";
import type { SpeakingMeter } from "./media/speaking-meter.ts";
import type { RoomRoster } from "./room-roster.ts";
import { suiteOf } from "../e2ee/group/index.ts";
import { invitationLink } from "../e2ee/invitation/index.ts";
import { epochCode } from "../e2ee/verification/index.ts";
import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";
import { CallError } from "./call-error.ts";
import { Entrance } from "./entrance.ts";
import { FrameCounters } from "./call-stats.ts";
import { CallTimings } from "./call-timings.ts";
import { CallSnapshot } from "./call-snapshot.ts";
import { endOf, viewCall } from "./call-view.ts";
import { Conversation } from "./conversation/conversation.ts";
import { Identities } from "./identity/identities.ts";
import { onPageHide } from "./page-hide.ts";
import { DecryptionWatch } from "./recovery/decryption-watch.ts";

/** The parts of a call, each of which minds its own matter. `joinCall` builds them. */
export interface CallParts {
  readonly connection: SignalingConnection;
  readonly group: GroupSession;
  readonly media: MediaSession;
  readonly roster: RoomRoster;
  readonly transforms: TransformHost;
  readonly meter: SpeakingMeter;
}

export interface CallOptions {
  readonly roomId: string;
  /** Where the invitation link leads. */
  readonly origin: string;
  readonly participantId: ParticipantId;
  readonly name: string;
  readonly identity: IdentityKey | undefined;
  readonly clock: Clock;
}

/** How long joining may take in all. */
const JOIN_TIMEOUT_MS = 30_000;
/** How long a farewell may take before the connection is closed anyway. */
const FAREWELL_MS = 1_000;

/**
 * One stay in one call. Made by `joinCall`. `state` is an immutable picture; `subscribe` tells
 * when there is a new one. A call mends itself: it ends only by `leave`, or for a reason that no
 * second attempt can change.
 */
export class Call {
  readonly #parts: CallParts;
  readonly #options: CallOptions;
  readonly #scope: Scope;
  readonly #timings = new CallTimings();
  readonly #entrance: Entrance;
  readonly #watch: DecryptionWatch;
  readonly #counters: FrameCounters;
  readonly #conversation: Conversation;
  readonly #identities: Identities;
  readonly #events = new Emitter<CallEvents>();
  readonly #snapshot: CallSnapshot;
  #phase: CallPhase = "joining";
  #reason: CallError | undefined;
  #members: readonly GroupMember[] = [];
  #epoch: number | null = null;
  #locked = false;
  #code: EpochCode | null = null;
  #hasEntered = false;

  /** @internal Use `joinCall`. */
  constructor(parts: CallParts, options: CallOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#scope = new Scope("call", options.clock);
    this.#entrance = new Entrance({ ...parts, ...options, timings: this.#timings });
    this.#watch = new DecryptionWatch({
      ...parts,
      clock: options.clock,
      repair: (anew) => parts.group.repair(anew),
      onRecovered: (participantId, source) => {
        parts.media.remote.requestKeyFrame(participantId, source);
      },
    });
    this.#identities = new Identities({ ...options, device: options.identity });
    this.#conversation = new Conversation({
      ...options,
      send: (message, to) => parts.group.send(message, to),
      identity: () => this.#identities.prove(),
      codecs: () => parts.media.receivable(),
    });
    this.#counters = new FrameCounters(parts.transforms);
    this.#snapshot = new CallSnapshot((before) => this.#view(before));
    this.#listen();
  }

  /** The link that lets people in now: somebody's `kick` changes it. */
  get invitationLink(): string {
    return invitationLink(this.#parts.group.invitation, this.#options.origin);
  }

  get state(): CallState {
    return this.#snapshot.state;
  }

  /** Calls back after each change of `state`; the returned function ends that. */
  subscribe(listener: () => void): () => void {
    return this.#snapshot.subscribe(listener);
  }

  /** Calls back each time that something of `CallEvents` happens; the returned function ends that. */
  on<Name extends keyof CallEvents>(
    name: Name,
    listener: (event: CallEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Begins or replaces the stream of a source, or ends it with null. The track stays the caller's:
   * it is never stopped here. Rejects with `CallError`: `bad-stream`, `closed`.
   */
  async setStream(source: MediaSource, track: MediaStreamTrack | null): Promise<void> {
    await this.#attempt(() => this.#parts.media.local.setStream(source, track));
  }

  /** Muted, nothing of the stream leaves this device. Rejects with `CallError` (`closed`). */
  async setMuted(source: MediaSource, muted: boolean): Promise<void> {
    await this.#attempt(() => this.#parts.media.local.setMuted(source, muted));
  }

  /** `relay` hides this participant's address from media servers. Media pauses for a moment. */
  async setIceTransportPolicy(policy: RTCIceTransportPolicy): Promise<void> {
    await this.#attempt(() => this.#parts.media.setIceTransportPolicy(policy));
  }

  /**
   * Says how large a stream is shown, in device pixels, or with null that it is not: the server
   * then sends no more than that. Sound is always sent.
   */
  showing(
    participantId: ParticipantId,
    source: MediaSource,
    size: { readonly width: number; readonly height: number } | null,
  ): void {
    if (this.#scope.ended) return;
    this.#parts.media.remote.showing(participantId, source, size === null ? null : size.height);
  }

  /**
   * Writes to everybody in the call, end-to-end encrypted. At most 2,000 characters are sent.
   * Resolves when the server has taken it; rejects with `CallError`: `bad-message` when it is
   * empty, `rate-limited`, `disconnected`, `closed`.
   */
  async sendChat(text: string): Promise<void> {
    await this.#attempt(() => this.#conversation.sendChat(text));
  }

  /** Shows one emoji to everybody for a moment. Rejects as `sendChat` does. */
  async react(emoji: string): Promise<void> {
    await this.#attempt(() => this.#conversation.react(emoji));
  }

  /** Raises or lowers the own hand. Rejects as `sendChat` does. */
  async setHandRaised(raised: boolean): Promise<void> {
    await this.#attempt(() => this.#conversation.setHandRaised(raised));
  }

  /**
   * 45 digits that both sides of a pair see alike if nobody is between them. It takes some tenths
   * of a second. Rejects with `CallError`: `not-there`, `closed`.
   */
  async safetyNumber(participantId: ParticipantId): Promise<string> {
    return this.#attempt(() => this.#identities.numberWith(participantId));
  }

  /**
   * Shuts a participant out for good: their keys are void and so is the link, which is a new one
   * from now on (`invitationLink`). Everybody may, and everybody sees who did. Resolves when it is
   * done; rejects with `CallError`: `group-failed`, `disconnected`, `closed`.
   */
  async kick(participantId: ParticipantId): Promise<void> {
    await this.#attempt(() => this.#parts.group.kick([participantId]));
  }

  /** Has everybody let nobody in any more, or newcomers again. Otherwise as `kick`. */
  async setLocked(locked: boolean): Promise<void> {
    await this.#attempt(() => this.#parts.group.setLocked(locked));
  }

  /** Says goodbye and ends the call. Leaving twice does nothing. */
  async leave(): Promise<void> {
    if (this.#scope.ended) return;
    const farewell = this.#parts.connection.request("room:leave", {}).catch(() => undefined);
    const patience = new Promise<void>((resolve) => {
      this.#options.clock.after(FAREWELL_MS, resolve);
    });
    await Promise.race([farewell, patience]);
    this.#finish(new CallError("left"));
  }

  /** Rejects with `CallError` (`closed`) when the call is over. */
  async stats(): Promise<CallStats> {
    return this.#attempt(async () => ({
      ...(await this.#counters.read(this.#parts.media, this.#timings.stages)),
      ...this.#watch.stats,
    }));
  }

  /** @internal Used by `joinCall`: resolves when the call is joined. */
  async join(signal: AbortSignal | undefined): Promise<void> {
    const cancelTimeout = this.#scope.after(JOIN_TIMEOUT_MS, () => {
      const { connected } = this.#parts.connection;
      this.#finish(new CallError(connected ? "media-failed" : "unreachable"));
    });
    const abort = () => {
      this.#finish(new CallError("aborted"));
    };
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
    else this.#entrance.open();
    await new Promise<void>((resolve) => {
      if (this.#phase !== "joining") resolve();
      this.subscribe(() => {
        if (this.#phase !== "joining") resolve();
      });
    });
    cancelTimeout();
    signal?.removeEventListener("abort", abort);
    if (this.#reason !== undefined) throw this.#reason;
  }

  #onEntered(): void {
    this.#setPhase("joined");
    // Whoever was away has missed what the others said of themselves meanwhile.
    void this.#conversation.introduce(null, this.#hasEntered);
    this.#hasEntered = true;
  }

  #listen(): void {
    const { connection, group, media, roster, transforms, meter } = this.#parts;
    const refresh = () => {
      this.#refresh();
    };
    const fail = (error: CallError) => {
      this.#finish(error);
    };
    const removers = [
      this.#entrance.events.on("room:entered", () => {
        this.#onEntered();
      }),
      this.#entrance.events.on("room:refused", fail),
      connection.events.on("connection:down", () => {
        if (this.#phase === "joined") this.#setPhase("reconnecting");
      }),
      roster.events.on("roster:changed", () => {
        media.remote.announce(roster.announced);
        group.rosterChanged(roster.present, roster.left);
        this.#refresh();
      }),
      group.events.on("epoch:changed", (change) => {
        this.#onEpoch(change);
      }),
      group.events.on("message:received", ({ from, message }) => {
        this.#conversation.receive(from, message);
      }),
      group.events.on("group:failed", fail),
      media.events.on("media:failed", fail),
      media.events.on("media:changed", refresh),
      media.local.events.on("streams:changed", refresh),
      media.remote.events.on("streams:changed", () => {
        this.#watch.streamsChanged(media.remote.list);
        this.#refresh();
      }),
      meter.events.on("speakers:changed", refresh),
      this.#conversation.events.on("conversation:changed", refresh),
      this.#conversation.events.on("profile:received", ({ from, profile }) => {
        void this.#identities.onProfile(from, profile);
        media.codecs.told(from, profile.codecs);
      }),
      this.#identities.events.on("identities:changed", refresh),
      this.#watch.events.on("watch:changed", refresh),
      // Keys that an earlier worker of this page sent with: nothing is sent before there are new ones.
      transforms.events.on("epoch:spent", () => {
        group.renew();
      }),
      transforms.events.on("sender:unsealed", () => {
        this.#finish(new CallError("sealing-failed"));
      }),
      transforms.events.on("worker:failed", () => {
        this.#finish(new CallError("sealing-failed"));
      }),
    ];
    for (const remove of removers) this.#scope.add(remove);
    passOn(this.#events, this.#conversation.events, this.#watch.events);
    // A page that goes away says so, so that its tile does not stay behind.
    this.#scope.add(onPageHide(() => void this.leave()));
  }

  #onEpoch({ keys, members, authenticator, locked, outcome, joined }: EpochChange): void {
    const { media, roster, transforms } = this.#parts;
    transforms.setEpoch(keys);
    this.#members = members;
    this.#epoch = keys.epoch;
    this.#locked = locked;
    if (outcome !== undefined) tellOfAction(this.#events, outcome);
    this.#code = epochCode(authenticator);
    this.#identities.membersChanged(members);
    const ids = new Set(members.map((member) => member.participantId));
    roster.forgetLeft(ids);
    this.#conversation.keepOnly(ids);
    media.codecs.membersChanged(ids, this.#options.participantId);
    this.#conversation.welcome(joined);
    // A newcomer cannot begin with anything but a key frame of the new epoch.
    if (joined.length > 0) media.local.requestKeyFrames();
    this.#watch.membersChanged(members);
    this.#refresh();
  }

  #setPhase(phase: CallPhase): void {
    this.#phase = phase;
    this.#refresh();
  }

  #refresh(): void {
    this.#snapshot.refresh();
  }

  #view(before: CallState | undefined): CallState {
    const { media, roster, meter } = this.#parts;
    return viewCall(
      {
        phase: this.#phase === "joined" && !media.connected ? "reconnecting" : this.#phase,
        end: endOf(this.#reason),
        participantId: this.#options.participantId,
        name: this.#options.name,
        localStreams: media.local.list,
        members: this.#members,
        epoch: this.#epoch,
        locked: this.#locked,
        cipherSuite: suiteOf(this.#parts.group.invitation).name,
        roster,
        names: this.#conversation.names,
        conversation: this.#conversation.state,
        code: this.#code,
        repair: this.#watch.stage,
        mediaConnected: media.connected,
        identity: (participantId) => this.#identities.of(participantId),
        incoming: media.remote.list,
        speakers: meter.speakers,
        trouble: (participantId, source): StreamTrouble =>
          this.#watch.troubleOf(participantId, source),
      },
      before,
    );
  }

  async #attempt<Result>(task: () => Promise<Result>): Promise<Result> {
    try {
      this.#scope.assertOpen();
      return await task();
    } catch (error) {
      throw CallError.from(error);
    }
  }

  #finish(reason: CallError): void {
    if (this.#scope.ended) return;
    this.#phase = "ended";
    this.#reason = reason;
    const { connection, group, media, roster, transforms, meter } = this.#parts;
    // Whoever ends without a farewell would keep the keys until the server has given it up.
    if (reason.code !== "left") connection.request("room:leave", {}).catch(() => undefined);
    this.#scope.end(reason.code);
    this.#entrance.close();
    meter.close();
    media.close(reason.code);
    group.close(reason.code);
    transforms.close(reason.code);
    roster.close();
    connection.close(reason.code);
    this.#watch.close();
    this.#conversation.close();
    this.#identities.close();
    this.#counters.close();
    this.#snapshot.close();
    this.#events.removeAllListeners();
  }
}
