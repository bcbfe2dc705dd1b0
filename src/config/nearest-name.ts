/** The name that was probably meant: the nearest one, unless none is near. */
export function nearestName(given: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  // A third of the letters may differ: beyond that a guess is no help.
  let distanceMax = Math.max(1, Math.floor(given.length / 3));
  for (const name of names) {
    if (Math.abs(name.length - given.length) > distanceMax) continue;
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance > distanceMax || (nearest !== undefined && distance === distanceMax)) continue;
    nearest = name;
    distanceMax = distance;
  }
  return nearest;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours between two texts (optimal string
 * alignment).
 */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        row > 1 && column > 1 && swapped ? at(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
