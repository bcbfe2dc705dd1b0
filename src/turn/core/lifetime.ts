import type { TurnLimits } from "../turn-options.ts";

/** RFC 8656 section 7.2: what is asked for, at most the maximum and at least the default. */
export function grantedLifetimeMs(requestedS: number | undefined, limits: TurnLimits): number {
  const wishedMs = Math.min((requestedS ?? 0) * 1000, limits.lifetimeMaxMs);
  return Math.max(wishedMs, limits.lifetimeDefaultMs);
}
