/**
 * Whether the participant with that number in its room is one of `percent` of them: spread over the
 * room, so that it holds for the publishers and the listeners of a webinar, and for rooms that grow.
 */
export function isWithinShare(index: number, percent: number): boolean {
  return Math.ceil(((index + 1) * percent) / 100) > Math.ceil((index * percent) / 100);
}
