export type { MediaSource, ParticipantId } from "../protocol/index.ts";
export type { CodeEmoji, EpochCode, IdentityKey } from "../e2ee/verification/index.ts";
export { Call } from "./call.ts";
export type { CallEvents } from "./call-events.ts";
export type { CallErrorCode } from "./call-error.ts";
export { CallError } from "./call-error.ts";
export type {
  CallEnd,
  CallPhase,
  CallState,
  EncryptionState,
  LocalStream,
  RemoteParticipant,
  RemoteStream,
  StreamTrouble,
} from "./call-state.ts";
export type { CallStats } from "./call-stats.ts";
export type { JoinStage, JoinTimings } from "./call-timings.ts";
export type {
  ChatMessage,
  ConversationState,
  Reaction,
} from "./conversation/conversation-state.ts";
export { forgetDeviceIdentity, openDeviceIdentity } from "./identity/device-identity.ts";
export type { ParticipantIdentity } from "./identity/identities.ts";
export type { InvitationOptions } from "./invitations.ts";
export { createInvitationLink, isInvitationLink } from "./invitations.ts";
export type { JoinOptions } from "./join-call.ts";
export { joinCall, prepareCall } from "./join-call.ts";
export type { VideoCodec } from "./media/video-codec.ts";
export type { PreparedCall, PrepareOptions, StayOptions } from "./prepared-call.ts";
export type { RepairStage } from "./recovery/key-repair.ts";
export type { TroubleRecord } from "./stream-troubles.ts";
export { isSupported } from "./support.ts";
