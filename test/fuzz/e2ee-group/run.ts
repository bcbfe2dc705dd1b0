/** Longer runs of the group's fuzz targets, outside of `npm test`. */
import { parseArgs } from "node:util";
import { runInterleaving } from "./interleaving.ts";
import { runMutations } from "./mutations.ts";

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "20" },
    rounds: { type: "string", default: "150" },
    members: { type: "string", default: "8" },
    copies: { type: "string", default: "300" },
  },
});

if (values.help) {
  process.stdout.write(
    "node test/fuzz/e2ee-group/run.ts [--seed 1] [--seeds 20] [--rounds 150] [--members 8] [--copies 300]\n",
  );
} else {
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
    const startMs = performance.now();
    await runInterleaving({
      seed,
      rounds: Number(values.rounds),
      maxMembers: Number(values.members),
    });
    await runMutations({ seed, copies: Number(values.copies) });
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    process.stdout.write(`seed ${seed}: clean, ${seconds} s\n`);
  }
}
