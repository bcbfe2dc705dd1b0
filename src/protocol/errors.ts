/**
 * Every code that a server answers with or a client raises from an answer. The texts are what
 * docs/errors.md explains; a test keeps the two in step.
 */
export const ERRORS = {
  "bad-request": "The input does not have the shape that the protocol asks for.",
  "unknown-request": "No request has this name.",
  "protocol-unsupported": "Client and server speak different versions of the protocol.",
  "rate-limited": "Too many requests in too short a time; try again later.",
  "not-joined": "This request needs a room to be joined first.",
  "already-joined": "This connection has joined a room already.",
  "room-full": "The room holds as many participants as the server allows.",
  "server-full": "The server holds as many rooms or participants as it allows.",
  "server-closing": "The server is shutting down or drains; connect to another one or later.",
  "participant-exists": "Another connection has joined the room with this participant id.",
  "participant-not-found": "No participant with this id is in the room.",
  "resume-refused": "The stay that this token belongs to is over, or the token is not its own.",
  "transport-exists": "The participant has a transport for this direction already.",
  "transport-not-found": "The participant has no transport with this id.",
  "transport-refused": "The transport could not be connected with these parameters.",
  "producer-not-found": "There is no producer with this id here.",
  "producer-limit": "The participant sends as many streams as the server allows.",
  "consumer-not-found": "The participant has no consumer with this id.",
  "consumer-limit": "The participant receives as many streams as the server allows.",
  "unsupported-media": "These RTP parameters are not supported.",
  "group-exists": "The room has a group already; join it.",
  "group-missing": "The room has no group yet; create it.",
  "group-unavailable": "No member of the group answered in time.",
  "group-busy": "Many join at this moment; propose to be let in together with them.",
  "stale-epoch": "Another commit was first for this epoch; process it and try again.",
  "commits-gone": "The server no longer keeps the commits since this epoch; join the group anew.",
  "sfu-unavailable": "The media worker that carried this is gone; ask again for a new one.",
  "timed-out": "The other side did not answer in time.",
  "bad-answer": "The answer does not have the shape that the protocol asks for.",
  disconnected: "The connection was lost before the answer came.",
  internal: "Something broke on the server. It was logged there.",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES: readonly ErrorCode[] = Object.keys(ERRORS).filter(isErrorCode);

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

/**
 * A refusal with a code that both sides know. `detail` may name a field or a limit; it never
 * carries a secret, a name, or a stack.
 */
export class ProtocolError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, detail?: string) {
    super(detail === undefined ? ERRORS[code] : `${ERRORS[code]} (${detail})`);
    this.name = "ProtocolError";
    this.code = code;
  }
}
