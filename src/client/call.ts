import type { GroupMember } from "../e2ee/group/index.ts";
import type { TransformHost } from "../e2ee/worker/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { MediaSource, ParticipantId } from "../protocol/index.ts";
import type { CallEnd, CallPhase, CallState, StreamTrouble } from "./call-state.ts";
import type { CallStats } from "./call-stats.ts";
import type { SignalingConnection } from "./connection/signaling-connection.ts";
import type { EpochChange, GroupSession } from "./group/group-session.ts";
import type { CallMessage } from "./group/call-messages.ts";
import type { MediaSession } from "./media/media-session.ts";
import type { SpeakingMeter } from "./media/speaking-meter.ts";
import type { RoomRoster } from "./room-roster.ts";
import { MLS_CIPHER_SUITE } from "../e2ee/group/index.ts";
import { Scope } from "../lib/scope.ts";
import { CallError } from "./call-error.ts";
import { Entrance } from "./entrance.ts";
import { FrameCounters } from "./call-stats.ts";
import { CallTimings } from "./call-timings.ts";
import { viewCall } from "./call-view.ts";
import { StreamTroubles } from "./stream-troubles.ts";

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
  readonly invitationLink: string;
  readonly participantId: ParticipantId;
  readonly name: string;
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
  readonly invitationLink: string;
  readonly #parts: CallParts;
  readonly #options: CallOptions;
  readonly #scope: Scope;
  readonly #timings = new CallTimings();
  readonly #entrance: Entrance;
  readonly #troubles: StreamTroubles;
  readonly #counters: FrameCounters;
  readonly #listeners = new Set<() => void>();
  readonly #names = new Map<ParticipantId, string>();
  #phase: CallPhase = "joining";
  #reason: CallError | undefined;
  #members: readonly GroupMember[] = [];
  #epoch: number | null = null;
  #state: CallState;
  #viewPending = false;

  /** @internal Use `joinCall`. */
  constructor(parts: CallParts, options: CallOptions) {
    this.#parts = parts;
    this.#options = options;
    this.invitationLink = options.invitationLink;
    this.#scope = new Scope("call", options.clock);
    this.#entrance = new Entrance({ ...parts, ...options, timings: this.#timings });
    this.#troubles = new StreamTroubles(parts.transforms);
    this.#counters = new FrameCounters(parts.transforms);
    this.#state = this.#view();
    this.#listen();
  }

  get state(): CallState {
    return this.#state;
  }

  /** Calls back after each change of `state`; the returned function ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
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

  /** Says goodbye and ends the call. Leaving twice does nothing. */
  async leave(): Promise<void> {
    if (this.#scope.ended) return;
    const farewell = this.#parts.connection.request("room:leave", {}).catch(() => undefined);
    const patience = new Promise((resolve) =>
      this.#options.clock.after(FAREWELL_MS, () => {
        resolve(undefined);
      }),
    );
    await Promise.race([farewell, patience]);
    this.#finish(new CallError("left"));
  }

  /** Rejects with `CallError` (`closed`) when the call is over. */
  async stats(): Promise<CallStats> {
    return this.#attempt(() => this.#counters.read(this.#parts.media, this.#timings.stages));
  }

  /** @internal Used by `joinCall`: resolves when the call is joined. */
  async join(signal: AbortSignal | undefined): Promise<void> {
    const ended = () => (this.#parts.connection.connected ? "media-failed" : "unreachable");
    const cancelTimeout = this.#scope.after(JOIN_TIMEOUT_MS, () => {
      this.#finish(new CallError(ended()));
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
    // Should the connection be lost right now, it is told on the next entry.
    this.#parts.group.send(this.#profile, null).catch(() => undefined);
  }

  #listen(): void {
    const { connection, group, media, roster, transforms, meter } = this.#parts;
    const refresh = () => {
      this.#refresh();
    };
    const removers = [
      this.#entrance.events.on("room:entered", () => {
        this.#onEntered();
      }),
      this.#entrance.events.on("room:refused", (error) => {
        this.#finish(error);
      }),
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
        this.#onMessage(from, message);
      }),
      group.events.on("group:failed", (error) => {
        this.#finish(error);
      }),
      media.events.on("media:failed", (error) => {
        this.#finish(error);
      }),
      media.events.on("media:changed", refresh),
      media.local.events.on("streams:changed", refresh),
      media.remote.events.on("streams:changed", refresh),
      meter.events.on("speakers:changed", refresh),
      this.#troubles.events.on("troubles:changed", refresh),
      this.#troubles.events.on("stream:recovered", ({ participantId, source }) => {
        media.remote.requestKeyFrame(participantId, source);
      }),
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
    this.#sayGoodbyeOnUnload();
  }

  #onEpoch({ keys, members, joined }: EpochChange): void {
    const { group, media, roster, transforms } = this.#parts;
    transforms.setEpoch(keys);
    this.#members = members;
    this.#epoch = keys.epoch;
    const ids = new Set(members.map((member) => member.participantId));
    roster.forgetLeft(ids);
    for (const id of this.#names.keys()) if (!ids.has(id)) this.#names.delete(id);
    for (const id of joined) {
      // A newcomer knows nobody's name. It is told to it alone.
      group.send(this.#profile, id).catch(() => undefined);
    }
    // A newcomer cannot begin with anything but a key frame of the new epoch.
    if (joined.length > 0) media.local.requestKeyFrames();
    this.#refresh();
  }

  get #profile(): CallMessage {
    return { type: "profile", name: this.#options.name };
  }

  #onMessage(from: ParticipantId, message: CallMessage): void {
    this.#names.set(from, message.name);
    this.#refresh();
  }

  #setPhase(phase: CallPhase): void {
    this.#phase = phase;
    this.#refresh();
  }

  /** One new picture for all changes of a turn of the event loop. */
  #refresh(): void {
    if (this.#viewPending || this.#scope.ended) return;
    this.#viewPending = true;
    queueMicrotask(() => {
      this.#viewPending = false;
      if (!this.#scope.ended) this.#publish();
    });
  }

  #publish(): void {
    this.#state = this.#view();
    for (const listener of [...this.#listeners]) listener();
  }

  #view(): CallState {
    const { media, roster, meter } = this.#parts;
    const lostMedia = this.#phase === "joined" && !media.connected;
    return viewCall(
      {
        phase: lostMedia ? "reconnecting" : this.#phase,
        end: this.#reason === undefined ? null : endOf(this.#reason),
        participantId: this.#options.participantId,
        name: this.#options.name,
        localStreams: media.local.list,
        members: this.#members,
        epoch: this.#epoch,
        cipherSuite: MLS_CIPHER_SUITE,
        roster,
        names: this.#names,
        incoming: media.remote.list,
        speakers: meter.speakers,
        trouble: (participantId, source): StreamTrouble => this.#troubles.of(participantId, source),
      },
      this.#state,
    );
  }

  /** A page that goes away says so, so that its tile does not stay behind. */
  #sayGoodbyeOnUnload(): void {
    const leave = () => {
      void this.leave();
    };
    globalThis.addEventListener("pagehide", leave);
    this.#scope.add(() => {
      globalThis.removeEventListener("pagehide", leave);
    });
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
    this.#troubles.close();
    this.#counters.close();
    this.#publish();
    this.#listeners.clear();
  }
}

function endOf({ code, message }: CallError): CallEnd {
  return { code, message };
}
