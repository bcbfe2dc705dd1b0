import type { GroupMember } from "./roster.ts";

/** How much later each next member takes over when the ones before it stay silent. */
const TAKEOVER_STEP_MS = 1_000;

/**
 * Who commits a pending removal: the members that are present and stay, by rising leaf index. All
 * members see the same tree, so that they agree without a word. The first one commits at once, the
 * others after `takeoverDelayMs` of their place, unless the epoch has moved on by then.
 */
export function committerOrder(
  members: readonly Pick<GroupMember, "participantId" | "leafIndex">[],
  present: ReadonlySet<string>,
  leaving: ReadonlySet<string>,
): string[] {
  return members
    .filter(({ participantId }) => present.has(participantId) && !leaving.has(participantId))
    .sort((a, b) => a.leafIndex - b.leafIndex)
    .map(({ participantId }) => participantId);
}

/** Milliseconds that the member at `place` of `committerOrder` (0 is the first) waits. */
export function takeoverDelayMs(place: number): number {
  return place * TAKEOVER_STEP_MS;
}
