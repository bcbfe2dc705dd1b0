import { errors } from "mediasoup";
import { ClosedError } from "../lib/closed-error.ts";
import type { ErrorCode } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";

export interface MediaErrorCodes {
  /** When the worker refuses what was asked of it. */
  readonly refused: ErrorCode;
  /** When the resource was closed while the worker was asked. */
  readonly gone: ErrorCode;
}

/**
 * The refusal that a client is told for what went wrong at the media worker. A worker that died
 * is `sfu-unavailable`, whatever it was asked.
 */
export function mediaError(error: unknown, codes: MediaErrorCodes): ProtocolError {
  if (error instanceof ProtocolError) return error;
  if (error instanceof errors.WorkerClosedError) return new ProtocolError("sfu-unavailable");
  if (error instanceof ClosedError) {
    return new ProtocolError(error.reason === "worker-died" ? "sfu-unavailable" : codes.gone);
  }
  return new ProtocolError(codes.refused);
}
