export type { MediaSource, ParticipantId } from "../protocol/index.ts";
export { Call } from "./call.ts";
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
export { createInvitationLink, isInvitationLink } from "./invitations.ts";
export type { JoinOptions } from "./join-call.ts";
export { joinCall, prepareCall } from "./join-call.ts";
export type { PreparedCall, PrepareOptions, StayOptions } from "./prepared-call.ts";
export { isSupported } from "./support.ts";
