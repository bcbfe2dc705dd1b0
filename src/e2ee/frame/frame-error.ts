/**
 * Why the frame layer refuses to do something.
 *
 * - `bad-argument`: the caller broke the contract of the function (wrong length, out of range).
 * - `malformed`: outside bytes are not a sealed frame.
 * - `tampered`: the authentication tag does not match.
 * - `counter-exhausted`: a key has sealed as many frames as it may.
 * - `wiped`: the key is gone, because its epoch is over or the keyring was closed.
 */
export type FrameErrorCode =
  | "bad-argument"
  | "malformed"
  | "tampered"
  | "counter-exhausted"
  | "wiped";

/** Messages never carry key bytes or media. */
export class FrameError extends Error {
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.name = "FrameError";
    this.code = code;
  }
}
