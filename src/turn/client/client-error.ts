export type TurnClientErrorCode =
  /** The name has no address, nobody listens there, or the connection was cut off. */
  | "unreachable"
  | "timed-out"
  /** The server answered with an error; `stunCode` says which. */
  | "refused"
  /** What came is no answer to what was asked, or not sealed with the password. */
  | "bad-answer";

export class TurnClientError extends Error {
  readonly code: TurnClientErrorCode;
  /** Of the error answer (RFC 8489 section 14.8, RFC 8656 section 19), 0 without one. */
  readonly stunCode: number;

  constructor(code: TurnClientErrorCode, message: string, stunCode = 0) {
    super(message);
    this.name = "TurnClientError";
    this.code = code;
    this.stunCode = stunCode;
  }
}
