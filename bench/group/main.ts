/**
 * What the group costs at several sizes, how soon keys are there and leavers shut out, and what a
 * storm takes: `npm run --silent bench:group -- [--json] [--sizes 2,10,50,200,1000] [--samples 15]`.
 */
import { parseArgs } from "node:util";
import type { Figures } from "./measure.ts";
import { measureGroup } from "./measure.ts";
import { measureStorm } from "./storm.ts";
import { measureExclusion, measureKeyReady } from "./wire.ts";

const KEY_READY_SIZE = 50;
const EXCLUSION_SIZE = 200;
const AFTER_STORM_SIZE = 200;
const STORM_SIZE = 1_000;
/** A group this large takes its time; fewer samples tell enough. */
const SLOW_SIZE = 500;
const SLOW_SAMPLES = 3;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    sizes: { type: "string", default: "2,10,50,200,1000" },
    samples: { type: "string", default: "15" },
  },
});
const samples = Number(values.samples);

// The first runs pay for the compilation of hot code; a call pays for that once, before it joins.
await measureGroup(3, 5);
const details: Figures = {};
for (const size of values.sizes.split(",").map(Number)) {
  const isSlow = size >= SLOW_SIZE;
  const measured = isSlow
    ? await measureGroup(size, SLOW_SAMPLES, "by a storm")
    : await measureGroup(size, samples);
  Object.assign(details, measured);
}
const afterStorm = await measureGroup(AFTER_STORM_SIZE, SLOW_SAMPLES, "by a storm", "AfterStorm");
const keyReadyMs = await measureKeyReady(KEY_READY_SIZE, 2 * samples);
const exclusion = await measureExclusion(EXCLUSION_SIZE, 2 * samples);
const storm = await measureStorm(STORM_SIZE);
const figures: Figures = {
  keyReady50P95Ms: Math.round(keyReadyMs),
  excluded200P50Ms: Math.round(exclusion.p50Ms),
  excluded200P99Ms: Math.round(exclusion.p99Ms),
  storm1000Epochs: storm.epochs,
  storm1000Seconds: storm.seconds,
  leaveStorm1000Seconds: storm.leaveSeconds,
  ...("updateBytes200" in details && { commitBytes200: details["updateBytes200"] ?? 0 }),
  ...details,
  ...afterStorm,
};
if (values.json) {
  process.stdout.write(`${JSON.stringify({ bench: "group", figures })}\n`);
} else {
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}\t${value}\n`);
}
