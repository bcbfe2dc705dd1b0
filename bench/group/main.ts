/**
 * What the MLS group costs, in this process, at several sizes:
 * `npm run --silent bench:group -- [--json] [--sizes 2,10,50] [--samples 15]`.
 */
import { parseArgs } from "node:util";
import type { Figures } from "./measure.ts";
import { measureGroup } from "./measure.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    sizes: { type: "string", default: "2,10,50" },
    samples: { type: "string", default: "15" },
  },
});

// The first runs pay for the compilation of hot code; a call pays for that once, before it joins.
await measureGroup(3, 5);
const figures: Figures = {};
for (const size of values.sizes.split(",").map(Number)) {
  Object.assign(figures, await measureGroup(size, Number(values.samples)));
}
if (values.json) {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} else {
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}\t${value}\n`);
}
