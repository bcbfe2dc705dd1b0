import type { CallState } from "../../client/call-state.ts";
import type { CallEvents, IdentityKey, InvitationOptions } from "../../client/index.ts";
import type { MediaSource, ParticipantId } from "../../protocol/index.ts";

/** How large a stream is shown, in device pixels. */
export interface ShownSize {
  readonly width: number;
  readonly height: number;
}

/** What the page needs of a call; the SDK's `Call` has this shape. */
export interface CallPort {
  readonly state: CallState;
  /** The link that lets people in now: a removal changes it. */
  readonly invitationLink: string;
  subscribe(listener: () => void): () => void;
  setStream(source: MediaSource, track: MediaStreamTrack | null): Promise<void>;
  setMuted(source: MediaSource, muted: boolean): Promise<void>;
  showing(participantId: ParticipantId, source: MediaSource, size: ShownSize | null): void;
  sendChat(text: string): Promise<void>;
  react(emoji: string): Promise<void>;
  setHandRaised(raised: boolean): Promise<void>;
  /** 45 digits; rejects when the participant is gone. */
  safetyNumber(participantId: ParticipantId): Promise<string>;
  /** Shuts a participant out for good. */
  kick(participantId: ParticipantId): Promise<void>;
  /** Locked, nobody is let in. */
  setLocked(locked: boolean): Promise<void>;
  on<Name extends keyof CallEvents>(
    name: Name,
    listener: (event: CallEvents[Name]) => void,
  ): () => void;
  /** `relay` hides this device's address from media servers. */
  setIceTransportPolicy(policy: RTCIceTransportPolicy): Promise<void>;
  leave(): Promise<void>;
}

export interface JoinRequest {
  name: string;
  tracks: { microphone?: MediaStreamTrack; camera?: MediaStreamTrack };
  muted: { microphone?: boolean };
  iceTransportPolicy: RTCIceTransportPolicy;
  /** By which others know this browser again. */
  identity?: IdentityKey;
  signal: AbortSignal;
}

/** A call that is made ready while somebody is still in the lobby. */
export interface PreparedCallPort {
  /** Rejects with an error that has a `code` of docs/errors.md. Works once. */
  join(request: JoinRequest): Promise<CallPort>;
  /** For who doesn't join after all. */
  close(): void;
}

/** The SDK's functions that the page uses. It is loaded on demand, so that the lobby is quick. */
export interface CallSdk {
  /** Throws an error that has a `code` of docs/errors.md. */
  prepareCall(options: { link: string }): PreparedCallPort;
  /** Rejects where the browser stores nothing. */
  openDeviceIdentity(): Promise<IdentityKey>;
  forgetDeviceIdentity(): Promise<void>;
  createInvitationLink(origin: string, options: InvitationOptions): string;
  isInvitationLink(url: string): boolean;
}
