/** Something that is done for each frame. */
export type Task = () => Promise<unknown>;

/** Runs of a task that are timed together: the clock of a browser is too coarse for one. */
export const BATCH = 50;
/** A call lasts for minutes; what counts is the code after the compiler has seen what is hot. */
const WARM_UP_MS = 1_500;
const MICROSECONDS = 1_000;

/**
 * Microseconds that one run of each task takes, one figure for each round. The tasks take turns
 * within a round, so that all of them feel what else the machine does at that time, and each round
 * begins with another one, so that none always pays for the garbage of the same one. `prepare` runs
 * before each round and is not timed.
 */
export async function sampleInTurn<Name extends string>(
  { tasks, prepare }: { tasks: Readonly<Record<Name, Task>>; prepare: Task },
  names: readonly Name[],
  rounds: number,
): Promise<Map<Name, number[]>> {
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  let first = 0;
  const round = async (isCounted: boolean) => {
    await prepare();
    first = (first + 1) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const us = await timeBatch(tasks[name]);
      if (isCounted) samples.get(name)?.push(us);
    }
  };
  const warmAtMs = performance.now() + WARM_UP_MS;
  while (performance.now() < warmAtMs) await round(false);
  for (let count = 0; count < rounds; count += 1) await round(true);
  return samples;
}

async function timeBatch(task: Task): Promise<number> {
  const startMs = performance.now();
  for (let run = 0; run < BATCH; run += 1) await task();
  return ((performance.now() - startMs) / BATCH) * MICROSECONDS;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("there is nothing to take the median of");
  return middle;
}

/** The median of the quotients of each round. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)));
}
