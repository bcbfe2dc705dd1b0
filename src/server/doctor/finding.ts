/**
 * - `ok`: it works, seen by trying.
 * - `warning`: calls work, but not for everybody, or not for much longer.
 * - `failed`: calls don't work before this is mended.
 * - `skipped`: it can't be seen from here, or there is nothing to see.
 */
export type FindingState = "ok" | "warning" | "failed" | "skipped";

/** What is looked at, by the name that programs know it by. docs/self-hosting.md explains each. */
export const doctorChecks = [
  "node-version",
  "worker-version",
  "kernel-buffers",
  "open-files",
  "redis",
  "certificate-files",
  "public-address",
  "stun",
  "service",
  "name",
  "secure-context",
  "page",
  "clock",
  "certificate",
  "signaling",
  "media.address",
  "media.udp",
  "media.tcp",
  "relay",
  "relay.udp",
  "relay.tcp",
  "relay.tls",
] as const;
export type DoctorCheck = (typeof doctorChecks)[number];

/** One thing that was looked at. */
export interface Finding {
  readonly check: DoctorCheck;
  readonly state: FindingState;
  /** One sentence. Names no secret and no invitation. */
  readonly text: string;
  /** Of the relay that was looked at. */
  readonly region?: string;
  /** What to do, in one line. There when and only when the state is `warning` or `failed`. */
  readonly mend?: string;
}

export function ok(check: DoctorCheck, text: string): Finding {
  return { check, state: "ok", text };
}

export function warning(check: DoctorCheck, text: string, mend: string): Finding {
  return { check, state: "warning", text, mend };
}

export function failed(check: DoctorCheck, text: string, mend: string): Finding {
  return { check, state: "failed", text, mend };
}

export function skipped(check: DoctorCheck, text: string): Finding {
  return { check, state: "skipped", text };
}
