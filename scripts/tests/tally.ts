/** How many tests passed and failed. Skipped and todo tests count as failed. */
export type Tally = { passed: number; failed: number };

export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** The last line of `npm test`. */
export function summaryLine({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

/** A run in which nothing ran has shown nothing, so it is no success. */
export function exitCodeFor({ passed, failed }: Tally): number {
  return failed === 0 && passed > 0 ? 0 : 1;
}
