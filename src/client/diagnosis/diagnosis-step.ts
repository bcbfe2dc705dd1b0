/** What is looked at, in the order in which a person should read it. */
export const diagnosisChecks = [
  "secure-context",
  "encryption",
  "clock",
  "signaling",
  "media.udp",
  "media.tcp",
  "relay",
  "relay.udp",
  "relay.tcp",
  "relay.tls",
] as const;
export type DiagnosisCheck = (typeof diagnosisChecks)[number];

/** Why a step failed, where there are several reasons. */
export type DiagnosisReason =
  /** The browser lacks encoded transforms. */
  | "no-transform"
  /** The browser lacks WebCrypto, or it does not do what it says. */
  | "no-crypto"
  /** Nothing answered. */
  | "unreachable"
  /** The server answered, but lets nobody in; `code` is its reason. */
  | "refused"
  /** A relay gave no address: it can't be reached, or refuses the credential. */
  | "no-allocation"
  /** A relay gave an address, but nothing comes through it. */
  | "no-data"
  /** The deployment has none. */
  | "none"
  /** The clocks differ; `clockAheadMs` says by how much. */
  | "clock-differs";

export interface DiagnosisStep {
  readonly check: DiagnosisCheck;
  /** Of the relay. */
  readonly region?: string;
  /** `host:port` of what was tried. */
  readonly place?: string;
  readonly state: "running" | "ok" | "failed";
  readonly reason?: DiagnosisReason;
  /** docs/errors.md has them. */
  readonly code?: string;
  readonly roundTripMs?: number;
  /** Bytes that came back through the way that was tried, encrypted ones. */
  readonly bytesBack?: number;
  /** Positive when this machine's clock is ahead of the server's. */
  readonly clockAheadMs?: number;
}
