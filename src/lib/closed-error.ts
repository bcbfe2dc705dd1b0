/** Thrown by a resource that is used after it was closed. `reason` tells why it was closed. */
export class ClosedError extends Error {
  readonly code = "closed";
  readonly reason: string;

  constructor(what: string, reason: string) {
    super(`${what} is closed: ${reason}`);
    this.name = "ClosedError";
    this.reason = reason;
  }
}
