/** Longer runs of the group's fuzz targets, outside of `npm test`. */
import { parseArgs } from "node:util";
import { suiteOf } from "../../../src/e2ee/group/mls/cipher-suite.ts";
import { CLASSICAL_SUITE } from "../../unit/e2ee/group/classical-suite.ts";
import { runInterleaving } from "./interleaving.ts";
import { runMutations } from "./mutations.ts";

const SUITES = new Map([
  ["x-wing", suiteOf({ signatures: "classical" })],
  ["post-quantum-signatures", suiteOf({ signatures: "post-quantum" })],
  ["classical", CLASSICAL_SUITE],
]);

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "20" },
    rounds: { type: "string", default: "150" },
    members: { type: "string", default: "8" },
    copies: { type: "string", default: "300" },
    suite: { type: "string", default: "x-wing" },
  },
});

if (values.help) {
  process.stdout.write(
    "node test/fuzz/e2ee-group/run.ts [--seed 1] [--seeds 20] [--rounds 150] [--members 8] [--copies 300] [--suite x-wing|classical|post-quantum-signatures]\n",
  );
} else {
  const suite = SUITES.get(values.suite);
  if (suite === undefined) throw new Error(`no suite ${values.suite}`);
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
    const startMs = performance.now();
    await runInterleaving({
      seed,
      rounds: Number(values.rounds),
      maxMembers: Number(values.members),
      suite,
    });
    if (Number(values.copies) > 0) await runMutations({ seed, copies: Number(values.copies) });
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    process.stdout.write(`seed ${seed}: clean, ${seconds} s\n`);
  }
}
