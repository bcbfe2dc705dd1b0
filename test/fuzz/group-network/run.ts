/** Many seeds of the network simulation, outside of `npm test`. */
import { parseArgs } from "node:util";
import { runSimulation } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1000" },
    steps: { type: "string", default: "40" },
    members: { type: "string", default: "8" },
  },
});

const first = Number(values.seed);
const seeds = Number(values.seeds);
const failed: number[] = [];
const endings = new Map<string, number>();
for (let seed = first; seed < first + seeds; seed += 1) {
  try {
    const { ends } = await runSimulation({
      seed,
      steps: Number(values.steps),
      maxMembers: Number(values.members),
    });
    for (const end of ends) endings.set(end, (endings.get(end) ?? 0) + 1);
  } catch (error) {
    failed.push(seed);
    process.stdout.write(`seed ${seed}: ${error instanceof Error ? error.message : "failed"}\n`);
  }
}
process.stdout.write(`${seeds - failed.length} of ${seeds} seeds ended in one group\n`);
for (const [end, count] of endings) process.stdout.write(`${end}\t${count}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
