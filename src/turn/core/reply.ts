import type { RequestRefusal } from "../turn-stats.ts";
import type { StunWriter } from "../wire/stun-writer.ts";

/** Error codes of RFC 8489 section 14.8 and RFC 8656 section 19 that this server sends. */
const phrases = {
  400: "Bad Request",
  401: "Unauthenticated",
  403: "Forbidden",
  420: "Unknown Attribute",
  437: "Allocation Mismatch",
  438: "Stale Nonce",
  440: "Address Family not Supported",
  441: "Wrong Credentials",
  442: "Unsupported Transport Protocol",
  443: "Peer Address Family Mismatch",
  486: "Allocation Quota Reached",
  508: "Insufficient Capacity",
} as const;
export type ErrorCode = keyof typeof phrases;

export type WriteAttributes = (writer: StunWriter) => void;

export interface Success {
  readonly ok: true;
  readonly write: WriteAttributes;
}

export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  /** For the counters: finer than the code, and not sent. */
  readonly reason: RequestRefusal;
  readonly write: WriteAttributes;
}

/** What a request leads to. The attributes are written once the answer's header stands. */
export type Reply = Success | Refusal;

const nothing: WriteAttributes = () => {};

export function success(write: WriteAttributes = nothing): Success {
  return { ok: true, write };
}

export function refusal(
  code: ErrorCode,
  reason: RequestRefusal,
  write: WriteAttributes = nothing,
): Refusal {
  return { ok: false, code, reason, write };
}

export function phraseOf(code: ErrorCode): string {
  return phrases[code];
}
