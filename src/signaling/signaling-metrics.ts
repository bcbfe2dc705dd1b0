import type { ClientRequestName, ErrorCode, NotificationPayload } from "../protocol/index.ts";

/**
 * Why a connection was cut off.
 * - `too-many-bytes`: it sent more than its rate.
 * - `text-too-long`: a packet's text was longer than the protocol allows.
 * - `too-many-offences`: it went on with requests that were refused.
 * - `too-slow`: it did not read what was sent to it.
 * - `connected-twice`: it presented a second handshake.
 */
export type CutReason =
  | "too-many-bytes"
  | "text-too-long"
  | "too-many-offences"
  | "too-slow"
  | "connected-twice";

export type RefusedConnection =
  | "origin"
  | "too-many-connections"
  | "protocol-unsupported"
  | "bad-handshake"
  | "server-closing";

export type LeaveReason = NotificationPayload<"participant:left">["reason"] | "server-closed";

/** What signaling counts. The composition root gives an implementation that exports it. */
export interface SignalingMetrics {
  connectionOpened(): void;
  connectionClosed(): void;
  connectionRefused(reason: RefusedConnection): void;
  connectionCut(reason: CutReason): void;
  roomOpened(): void;
  roomClosed(): void;
  participantJoined(): void;
  participantResumed(): void;
  participantLeft(reason: LeaveReason): void;
  /** `unknown` stands for all names that are no request. */
  requestAnswered(name: ClientRequestName | "unknown", code: ErrorCode | "ok"): void;
  commitAccepted(bytes: number): void;
  commitStale(): void;
  /** The members found a commit to be worth nothing. */
  commitRefused(): void;
  /** Application messages, and to how many participants they went. */
  messageRelayed(bytes: number, recipients: number): void;
}

export const NO_METRICS: SignalingMetrics = {
  connectionOpened() {},
  connectionClosed() {},
  connectionRefused() {},
  connectionCut() {},
  roomOpened() {},
  roomClosed() {},
  participantJoined() {},
  participantResumed() {},
  participantLeft() {},
  requestAnswered() {},
  commitAccepted() {},
  commitStale() {},
  commitRefused() {},
  messageRelayed() {},
};
