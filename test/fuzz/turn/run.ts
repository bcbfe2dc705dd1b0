/** Longer runs of the relay's fuzz targets, outside of `npm test`. */
import { parseArgs } from "node:util";
import { runCoreMutations } from "./core-mutations.ts";
import { runThreadMutations } from "./thread-mutations.ts";

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    packets: { type: "string", default: "200000" },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
  },
});

if (values.help) {
  process.stdout.write("node test/fuzz/turn/run.ts [--packets 200000] [--seed 1] [--seeds 1]\n");
} else {
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
    const run = { packets: Number(values.packets), seed: `turn mutations ${seed}` };
    const startMs = performance.now();
    const core = await runCoreMutations(run);
    const thread = await runThreadMutations(run);
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    const grown = `heap ${inKib(core)} after the core's, process ${inKib(thread)} after the thread's`;
    process.stdout.write(
      `seed ${seed}: clean, ${run.packets} packets each, ${grown}, ${seconds} s\n`,
    );
  }
}

function inKib(bytes: number): string {
  return `${bytes < 0 ? "" : "+"}${Math.round(bytes / 1_024)} KiB`;
}
