import type { BusyProcess, Knee, Sample, Stage } from "../report/run-result.ts";

/**
 * Where growing stopped to work. A size at which the generator was the limit neither held nor
 * broke: it is left out.
 */
export function kneeOf(stages: readonly Stage[]): Knee {
  const results = stages.filter(({ isResult }) => isResult);
  const broke = results.find(({ broken }) => broken.length > 0);
  const held = results.filter(({ broken }) => broken.length === 0);
  return {
    heldParticipants: Math.max(0, ...held.map(({ participants }) => participants)),
    brokeAtParticipants: broke?.participants ?? null,
    brokeFirst: broke?.broken[0] ?? null,
    busiest: broke?.busiest ?? null,
  };
}

/** Which process of the server had most of a core over some seconds, by their mean. */
export function busiestOf(samples: readonly Sample[]): BusyProcess | null {
  const sums = new Map<string, number>();
  const add = (name: string, cores: number) => sums.set(name, (sums.get(name) ?? 0) + cores);
  const told = samples.filter(({ serverCores }) => serverCores !== null);
  for (const { serverCores, workers } of told) {
    add("signaling", serverCores ?? 0);
    for (const { name, cores } of workers) add(`worker ${name}`, cores);
  }
  const [busiest] = [...sums].sort(([, one], [, other]) => other - one);
  return busiest === undefined ? null : { name: busiest[0], cores: busiest[1] / told.length };
}
