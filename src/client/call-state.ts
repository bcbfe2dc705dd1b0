import type { EpochCode } from "../e2ee/verification/index.ts";
import type { MediaSource, ParticipantId } from "../protocol/index.ts";
import type { ConversationState } from "./conversation/conversation-state.ts";
import type { ParticipantIdentity } from "./identity/identities.ts";
import type { RepairStage } from "./recovery/key-repair.ts";

/**
 * Where a call stands.
 * - `joining`: the connection, the group's keys and the transports are being made.
 * - `joined`: media flows.
 * - `reconnecting`: the connection to the server is lost and being made anew; media may still flow.
 * - `ended`: for good; `CallState.end` tells why. Nothing leaves this phase.
 */
export type CallPhase = "joining" | "joined" | "reconnecting" | "ended";

/** Why a call ended: `code` for programs (docs/errors.md), `message` for people who develop them. */
export interface CallEnd {
  readonly code: string;
  readonly message: string;
}

/** A track that this participant sends. Muted means that the others get nothing of it. */
export interface LocalStream {
  readonly source: MediaSource;
  readonly track: MediaStreamTrack;
  readonly muted: boolean;
}

/**
 * Why a remote stream cannot be opened at present, or `none`.
 * - `no-key`: its sender uses a key that this client does not have (yet).
 * - `wrong-epoch`: its sender uses a key that is over, and has not noticed (yet).
 * - `tampered`: its frames fail authentication, or claim another sender or stream.
 * - `unsealed`: it sends frames that are not sealed at all.
 */
export type StreamTrouble = "none" | "no-key" | "wrong-epoch" | "tampered" | "unsealed";

export interface RemoteStream {
  readonly source: MediaSource;
  readonly track: MediaStreamTrack;
  /** Muted by its sender. */
  readonly muted: boolean;
  readonly trouble: StreamTrouble;
}

/**
 * Somebody else in the call.
 * - `joining`: known to the server, without keys yet: sees and hears nothing.
 * - `present`: holds the keys.
 * - `away`: holds the keys, but lost the connection.
 * - `leaving`: has left, and holds the keys until the group has changed them.
 */
export interface RemoteParticipant {
  readonly participantId: ParticipantId;
  /** Sent end-to-end encrypted; empty until it has come. */
  readonly name: string;
  readonly presence: "joining" | "present" | "away" | "leaving";
  readonly speaking: boolean;
  readonly handRaised: boolean;
  /** By which key they can be verified; null until their name has come. */
  readonly identity: ParticipantIdentity | null;
  readonly streams: readonly RemoteStream[];
}

export interface EncryptionState {
  /** Number of the MLS epoch whose keys are in use; null before the group is joined. */
  readonly epoch: number | null;
  /** How many hold the keys, this participant included. */
  readonly members: number;
  /** Name of the MLS cipher suite. */
  readonly cipherSuite: string;
  /** The same on every screen of this epoch, if everybody is in the same group. */
  readonly code: EpochCode | null;
  /** What is being done about frames that there is no key for. */
  readonly repair: RepairStage;
}

/** An immutable picture of the call. A change makes a new one; what did not change is shared. */
export interface CallState {
  readonly phase: CallPhase;
  /** Set when `phase` is `ended`. */
  readonly end: CallEnd | null;
  readonly self: {
    readonly participantId: ParticipantId;
    readonly name: string;
    readonly speaking: boolean;
    readonly handRaised: boolean;
    /** By which key the others can verify this participant; null before the group is entered. */
    readonly identity: ParticipantIdentity | null;
    readonly streams: readonly LocalStream[];
  };
  /** In the order of the MLS tree, then those who are joining. */
  readonly participants: readonly RemoteParticipant[];
  readonly encryption: EncryptionState;
  readonly conversation: ConversationState;
  /** The participants let nobody in (`Call.setLocked`). */
  readonly locked: boolean;
  /** False while no media can come or go: what remote pictures show is then of the past. */
  readonly mediaConnected: boolean;
}
