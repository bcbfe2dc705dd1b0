/** Why a text is not an invitation. */
export type InvitationErrorCode =
  /** Not an absolute URL. */
  | "not-a-url"
  /** The URL has no fragment: somebody shared the address without its last part. */
  | "no-secret"
  /** Made by a newer version of the service. */
  | "unknown-version"
  /** The fragment is not 32 bytes in base64url: it was cut off or altered. */
  | "malformed-secret";

/** Never carries any part of the link: the message may end up in a log. */
export class InvitationError extends Error {
  readonly code: InvitationErrorCode;

  constructor(code: InvitationErrorCode, message: string) {
    super(message);
    this.name = "InvitationError";
    this.code = code;
  }
}
