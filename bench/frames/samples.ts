/** Something that is done for each frame. */
export type Task = () => Promise<unknown>;

/** Runs of a task that are timed together: the clock of a browser is too coarse for one. */
export const BATCH = 50;
/** Rounds before the first that counts, while code is compiled and caches fill. */
const WARM_UP_ROUNDS = 10;
const MICROSECONDS = 1_000;

/**
 * Microseconds that one run of each task takes, one figure for each round. The tasks take turns
 * within a round, so that all of them feel what else the machine does at that time. `prepare` runs
 * before each round and is not timed.
 */
export async function sampleInTurn<Name extends string>(
  { tasks, prepare }: { tasks: Readonly<Record<Name, Task>>; prepare: Task },
  names: readonly Name[],
  rounds: number,
): Promise<Map<Name, number[]>> {
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds + WARM_UP_ROUNDS; round += 1) {
    await prepare();
    for (const name of names) {
      const startMs = performance.now();
      for (let run = 0; run < BATCH; run += 1) await tasks[name]();
      const us = ((performance.now() - startMs) / BATCH) * MICROSECONDS;
      if (round >= WARM_UP_ROUNDS) samples.get(name)?.push(us);
    }
  }
  return samples;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("there is nothing to take the median of");
  return middle;
}

/** The median of the quotients of each round. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)));
}
