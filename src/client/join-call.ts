import type { Clock } from "../lib/clock.ts";
import type { Invitation } from "../e2ee/invitation/index.ts";
import type { ParticipantId } from "../protocol/index.ts";
import { InvitationError, invitationLink, parseInvitationLink } from "../e2ee/invitation/index.ts";
import { spawnTransformWorker, TransformHost } from "../e2ee/worker/index.ts";
import { toBase64Url } from "../lib/base64url.ts";
import { systemClock } from "../lib/clock.ts";
import { RANDOM_ID_BYTES } from "../protocol/index.ts";
import { CallError } from "./call-error.ts";
import { Call } from "./call.ts";
import { SignalingConnection } from "./connection/signaling-connection.ts";
import { cleanName } from "./group/call-messages.ts";
import { GroupSession } from "./group/group-session.ts";
import { MediaSession } from "./media/media-session.ts";
import { receivedLevel, sentLevel, SpeakingMeter } from "./media/speaking-meter.ts";
import { RoomRoster } from "./room-roster.ts";
import { isSupported } from "./support.ts";

export interface JoinOptions {
  /** The invitation. Its origin is the server, unless `server` names another one. */
  readonly link: string | URL;
  readonly server?: string | URL;
  /** Shown to the others, sent end-to-end encrypted. Cut to 64 characters. */
  readonly name: string;
  /** Sent from the beginning. They stay the caller's and are never stopped. */
  readonly tracks?: { readonly microphone?: MediaStreamTrack; readonly camera?: MediaStreamTrack };
  readonly muted?: { readonly microphone?: boolean; readonly camera?: boolean };
  /** `relay` hides this participant's address behind a TURN server. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy;
  /** How often the own keys are renewed, in milliseconds. */
  readonly updateIntervalMs?: number;
  /** Cancels joining; a call that is joined is left with `Call.leave`. */
  readonly signal?: AbortSignal;
}

const DEFAULT_UPDATE_INTERVAL_MS = 5 * 60_000;

/**
 * Joins the call of a link. Resolves when the group's keys are agreed on and the own streams are
 * sent; rejects with `CallError`, whose `code` tells why.
 */
export async function joinCall(options: JoinOptions): Promise<Call> {
  if (!isSupported()) throw new CallError("unsupported");
  const invitation = parseLink(options.link);
  const call = buildCall(options, invitation, systemClock);
  await call.join(options.signal);
  return call;
}

function buildCall(options: JoinOptions, invitation: Invitation, clock: Clock): Call {
  const server = new URL(options.server ?? options.link);
  const participantId = randomParticipantId();
  const connection = new SignalingConnection({ url: server });
  const transforms = TransformHost.create({ createWorker: spawnTransformWorker });
  const media = new MediaSession({
    connection,
    transforms,
    clock,
    iceTransportPolicy: options.iceTransportPolicy ?? "all",
  });
  const group = new GroupSession({
    connection,
    invitation,
    participantId,
    clock,
    updateIntervalMs: options.updateIntervalMs ?? DEFAULT_UPDATE_INTERVAL_MS,
  });
  const roster = new RoomRoster(connection, participantId);
  const meter = new SpeakingMeter({ clock, levels: () => readLevels(media, participantId) });
  const parts = { connection, group, media, roster, transforms, meter };
  const call = new Call(parts, {
    roomId: invitation.roomId,
    invitationLink: invitationLink(invitation, new URL(options.link).origin),
    participantId,
    name: cleanName(options.name),
    clock,
  });
  for (const source of ["microphone", "camera"] as const) {
    const track = options.tracks?.[source];
    if (track !== undefined) {
      void call.setStream(source, track);
      if (options.muted?.[source] === true) void call.setMuted(source, true);
    }
  }
  return call;
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

async function readLevels(
  media: MediaSession,
  self: ParticipantId,
): Promise<ReadonlyMap<ParticipantId, number>> {
  const levels = new Map<ParticipantId, number>();
  for (const { participantId, source, receiver } of media.remote.list) {
    if (source === "microphone") levels.set(participantId, receivedLevel(receiver));
  }
  levels.set(self, await sentLevel(media.local.senders.get("microphone")));
  return levels;
}
