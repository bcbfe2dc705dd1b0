import type { ErrorCode } from "../protocol/index.ts";
import { ClosedError } from "../lib/closed-error.ts";
import { ProtocolError } from "../protocol/index.ts";

/** Reasons that arise in the client itself; those of the server come with its own codes. */
export const CALL_ERRORS = {
  "bad-link": "This is not a link to a call.",
  unsupported: "This browser cannot encrypt calls.",
  unreachable: "The server cannot be reached.",
  aborted: "Joining was cancelled.",
  "bad-stream": "This kind of track does not fit this source.",
  "bad-message": "There is nothing in this message that can be sent.",
  "not-there": "This participant is not in the call, or has not said yet who they are.",
  locked: "The call is locked: its participants let nobody in.",
  "link-void": "The link does not let people in any more.",
  kicked: "Somebody in the call shut you out.",
  "group-failed": "The keys of the call could not be agreed on.",
  "sealing-failed": "Media was about to leave without encryption; the call was ended.",
  "no-relay": "Media may only be relayed, and this server has no relay.",
  "media-failed": "No media connection to the server could be made.",
  left: "You left the call.",
  closed: "The call is over.",
  internal: "Something broke in the client.",
} as const satisfies Record<string, string>;

export type CallErrorCode = keyof typeof CALL_ERRORS | ErrorCode;

/** What `joinCall` rejects with, and what ends a call. Codes are explained in docs/errors.md. */
export class CallError extends Error {
  readonly code: CallErrorCode;

  constructor(code: keyof typeof CALL_ERRORS, options?: ErrorOptions);
  constructor(code: CallErrorCode, options: ErrorOptions & { message: string });
  constructor(code: CallErrorCode, options: ErrorOptions & { message?: string } = {}) {
    super(options.message ?? textOf(code), options);
    this.name = "CallError";
    this.code = code;
  }

  /** The same reason as a `CallError`: refusals of the server keep their code. */
  static from(error: unknown, otherwise: keyof typeof CALL_ERRORS = "internal"): CallError {
    if (error instanceof CallError) return error;
    if (error instanceof ProtocolError) {
      return new CallError(error.code, { message: error.message, cause: error });
    }
    if (error instanceof ClosedError) return new CallError("closed", { cause: error });
    return new CallError(otherwise, { cause: error });
  }
}

function textOf(code: CallErrorCode): string {
  return isOwnCode(code) ? CALL_ERRORS[code] : code;
}

function isOwnCode(code: CallErrorCode): code is keyof typeof CALL_ERRORS {
  return Object.hasOwn(CALL_ERRORS, code);
}
