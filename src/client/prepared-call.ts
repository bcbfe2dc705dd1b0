import { CallGroup } from "../e2ee/group/index.ts";
import type { Invitation } from "../e2ee/invitation/index.ts";
import {
  createInvitation,
  InvitationError,
  parseInvitationLink,
} from "../e2ee/invitation/index.ts";
import type { IdentityKey } from "../e2ee/verification/index.ts";
import { spawnTransformWorker, TransformHost } from "../e2ee/worker/index.ts";
import { toBase64Url } from "../lib/base64url.ts";
import type { Clock } from "../lib/clock.ts";
import { systemClock } from "../lib/clock.ts";
import type { ParticipantId } from "../protocol/index.ts";
import { RANDOM_ID_BYTES } from "../protocol/index.ts";
import { CallError } from "./call-error.ts";
import type { CallParts } from "./call.ts";
import { Call } from "./call.ts";
import { SignalingConnection } from "./connection/signaling-connection.ts";
import { cleanName } from "./conversation/clean-text.ts";
import { GroupSession } from "./group/group-session.ts";
import { AudioLevels } from "./media/audio-levels.ts";
import type { VideoCodec } from "./media/video-codec.ts";
import { MediaSession } from "./media/media-session.ts";
import { SpeakingMeter } from "./media/speaking-meter.ts";
import { RoomRoster } from "./room-roster.ts";
import { isSupported } from "./support.ts";

export interface PrepareOptions {
  /** The invitation. Its origin is the server, unless `server` names another one. */
  readonly link: string | URL;
  readonly server?: string | URL;
  /** How often the own keys are renewed, in milliseconds. */
  readonly updateIntervalMs?: number;
  /**
   * Who leaves within this time of each other is shut out by one commit, in milliseconds; 100 if
   * nothing is said. A longer one saves epochs in large calls, and shuts leavers out later.
   */
  readonly leaveWindowMs?: number;
  /**
   * True to send with each packet of sound how loud it is (RFC 6464), in clear, for servers that
   * choose by it. It tells them who speaks when, and nothing of Aparté needs it: false by default.
   */
  readonly audioLevels?: boolean;
}

export interface StayOptions {
  /** Shown to the others, sent end-to-end encrypted. Cut to 64 characters. */
  readonly name: string;
  /** Sent from the beginning. They stay the caller's and are never stopped. */
  readonly tracks?: { readonly microphone?: MediaStreamTrack; readonly camera?: MediaStreamTrack };
  readonly muted?: { readonly microphone?: boolean; readonly camera?: boolean };
  /** `relay` hides this participant's address behind a TURN server. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy;
  /**
   * By which the others know this device again, from `openDeviceIdentity`. Without one, this stay
   * has an identity of its own that nobody can tie to another stay.
   */
  readonly identity?: IdentityKey;
  /**
   * What video is sent with, VP8 by default: as long as everybody in the call can receive it, and
   * if this browser can send it sealed. Else it is VP8.
   */
  readonly preferredCodec?: VideoCodec;
  /** Cancels joining; a call that is joined is left with `Call.leave`. */
  readonly signal?: AbortSignal;
}

const DEFAULT_UPDATE_INTERVAL_MS = 5 * 60_000;
const DEFAULT_LEAVE_WINDOW_MS = 100;

/**
 * A call that somebody is about to join, as in a lobby: connected to the server, but in no room,
 * so that nobody learns of it. What takes time is done beforehand: the connection, the worker, the
 * browser's codecs, and the first run of the group's cryptography.
 */
export class PreparedCall {
  readonly #options: PrepareOptions;
  readonly #invitation: Invitation;
  readonly #parts: CallParts;
  readonly #participantId = randomParticipantId();
  readonly #clock: Clock = systemClock;
  #isUsed = false;

  /** Throws `CallError`: `unsupported`, `bad-link`. */
  constructor(options: PrepareOptions) {
    if (!isSupported()) throw new CallError("unsupported");
    this.#options = options;
    this.#invitation = parseLink(options.link);
    this.#parts = this.#build(new URL(options.server ?? options.link));
    this.#warmUp();
  }

  /**
   * Joins. Resolves when the group's keys are agreed on, while media is on its way; rejects with
   * `CallError`, whose `code` tells why. A preparation serves one call.
   */
  async join(options: StayOptions): Promise<Call> {
    if (this.#isUsed) throw new CallError("closed");
    this.#isUsed = true;
    const { media } = this.#parts;
    media.iceTransportPolicy = options.iceTransportPolicy ?? "all";
    media.preferredCodec = options.preferredCodec;
    const call = new Call(this.#parts, {
      roomId: this.#invitation.roomId,
      origin: new URL(this.#options.link).origin,
      participantId: this.#participantId,
      name: cleanName(options.name),
      identity: options.identity,
      clock: this.#clock,
    });
    for (const source of ["microphone", "camera"] as const) {
      const track = options.tracks?.[source];
      // A track that does not fit is told of now, not when the call has begun.
      if (track !== undefined) media.local.add(source, track, options.muted?.[source] === true);
    }
    await call.join(options.signal);
    return call;
  }

  /** Gives back everything, unless it was joined: then it is the call's. */
  close(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    const { connection, group, media, roster, transforms, meter } = this.#parts;
    meter.close();
    media.close("not joined");
    group.close("not joined");
    transforms.close("not joined");
    roster.close();
    connection.close("not joined");
  }

  #build(server: URL): CallParts {
    const [clock, participantId] = [this.#clock, this.#participantId];
    const connection = new SignalingConnection({ url: server });
    const transforms = TransformHost.create({ createWorker: spawnTransformWorker });
    const audioLevels = this.#options.audioLevels === true;
    const media = new MediaSession({ connection, transforms, clock, audioLevels });
    const group = new GroupSession({
      connection,
      invitation: this.#invitation,
      participantId,
      clock,
      updateIntervalMs: this.#options.updateIntervalMs ?? DEFAULT_UPDATE_INTERVAL_MS,
      leaveWindowMs: this.#options.leaveWindowMs ?? DEFAULT_LEAVE_WINDOW_MS,
    });
    const roster = new RoomRoster(connection, participantId);
    const levels = new AudioLevels(media, participantId);
    const meter = new SpeakingMeter({ clock, levels: () => levels.read() });
    return { connection, group, media, roster, transforms, meter };
  }

  #warmUp(): void {
    const { connection, media } = this.#parts;
    // Whatever fails here is tried again, and told of, when the call is joined.
    connection.events.once("connection:up", () => void media.prepare().catch(() => undefined));
    connection.open();
    void rehearseGroup(this.#invitation).catch(() => undefined);
  }
}

/** The first run of the group's cryptography takes several times as long as the next ones. */
async function rehearseGroup({ signatures }: Invitation): Promise<void> {
  const invitation = createInvitation(signatures);
  const first = await CallGroup.create({ invitation, participantId: randomParticipantId() });
  const newcomer = { invitation, participantId: randomParticipantId() };
  const entry = await CallGroup.join(newcomer, await first.groupInfo());
  await first.process(entry.commit);
  first.close();
  entry.group.close();
}

function parseLink(link: string | URL): Invitation {
  try {
    return parseInvitationLink(link);
  } catch (error) {
    if (!(error instanceof InvitationError)) throw error;
    throw new CallError("bad-link", { message: error.message, cause: error });
  }
}

function randomParticipantId(): ParticipantId {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(RANDOM_ID_BYTES)));
}
