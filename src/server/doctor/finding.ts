/**
 * - `ok`: it works, seen by trying.
 * - `warning`: calls work, but not for everybody, or not for much longer.
 * - `failed`: calls don't work before this is mended.
 * - `skipped`: it can't be seen from here, or there is nothing to see.
 */
export type FindingState = "ok" | "warning" | "failed" | "skipped";

/** One thing that was looked at. */
export interface Finding {
  /** Stable, for programs: `certificate`, `media.udp`, `relay.tls` … docs/self-hosting.md lists them. */
  readonly check: string;
  readonly state: FindingState;
  /** One sentence. Names no secret and no invitation. */
  readonly text: string;
  /** Of the relay that was looked at. */
  readonly region?: string;
  /** What to do, in one line. There when and only when the state is `warning` or `failed`. */
  readonly mend?: string;
}

export function ok(check: string, text: string): Finding {
  return { check, state: "ok", text };
}

export function warning(check: string, text: string, mend: string): Finding {
  return { check, state: "warning", text, mend };
}

export function failed(check: string, text: string, mend: string): Finding {
  return { check, state: "failed", text, mend };
}

export function skipped(check: string, text: string): Finding {
  return { check, state: "skipped", text };
}
