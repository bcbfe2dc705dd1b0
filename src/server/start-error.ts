/** Why the service could not start. */
export type StartErrorCode =
  /** Another program listens there. */
  | "port-taken"
  /** This machine has no such address. */
  | "address-unknown"
  /** Ports below 1024, most often. */
  | "port-forbidden"
  | "page-missing"
  | "certificate-unusable"
  | "media-failed"
  | "relay-failed";

/** `message` says what is wrong, which setting it hangs on, and what mends it. */
export class StartError extends Error {
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StartError";
    this.code = code;
  }
}
