/** Members from whose number on leaves are renewed less often: at 5 minutes, one a second in all. */
const LARGE_GROUP = 300;

/**
 * How long until the own leaf is renewed the next time, in milliseconds: again and again, at any size of
 * the group (RFC 9420 section 16.6). In a large one less often, so that the members can follow; the first
 * time at any moment, so that those who came with many others fill the tree's blanks soon. `chance` is
 * from 0 to 1.
 */
export function updateDelayMs(
  intervalMs: number,
  members: number,
  isFirst: boolean,
  chance: number,
): number {
  const stretch = Math.max(1, members / LARGE_GROUP);
  return intervalMs * stretch * (isFirst ? chance : 0.75 + chance / 2);
}
