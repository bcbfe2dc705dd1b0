/**
 * Why a camera, microphone or screen could not be had.
 * - `denied`: the person or a policy of the browser said no.
 * - `denied-by-system`: the browser itself may not use it (privacy settings of the system).
 * - `missing`: there is none, or the chosen one is gone.
 * - `busy`: another program holds it, or the hardware failed.
 * - `insecure`: browsers give devices only to pages over HTTPS or on localhost.
 */
export type CaptureProblem =
  | "denied"
  | "denied-by-system"
  | "missing"
  | "busy"
  | "insecure"
  | "unknown";

/** Reads the names that Media Capture and Streams, section 10.2 (getUserMedia), gives to failures. */
export function captureProblem(error: unknown): CaptureProblem {
  if (!(error instanceof Error)) return "unknown";
  switch (error.name) {
    case "NotAllowedError":
      return /system/iu.test(error.message) ? "denied-by-system" : "denied";
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    case "InsecureContextError":
      return "insecure";
    default:
      return "unknown";
  }
}
