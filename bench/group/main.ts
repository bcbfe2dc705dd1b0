/**
 * What the group costs at several sizes, in Node and in Chromium, how soon keys are there and leavers
 * shut out, and what a storm takes:
 * `npm run --silent bench:group -- [--json] [--sizes 2,10,50,200,1000] [--samples 15] [--no-chromium]`.
 */
import { parseArgs } from "node:util";
import { percentile } from "../support/percentile.ts";
import { measureInChromium } from "./chromium.ts";
import type { Figures } from "./measure.ts";
import { measureGroup } from "./measure.ts";
import { measureStorm } from "./storm.ts";
import { measureExclusion, measureKeyReady } from "./wire.ts";

const KEY_READY_SIZE = 50;
const EXCLUSION_SIZE = 200;
const AFTER_STORM_SIZE = 200;
const POST_QUANTUM_SIZE = 50;
const CHROMIUM_SIZE = 50;
const STORM_SIZE = 1_000;
/** A group this large takes its time; fewer samples tell enough. */
const SLOW_SIZE = 500;
const SLOW_SAMPLES = 3;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    sizes: { type: "string", default: "2,10,50,200,1000" },
    samples: { type: "string", default: "15" },
    "no-chromium": { type: "boolean", default: false },
  },
});
const samples = Number(values.samples);
/** The storm, which comes last, takes what is left of this: everything ends within eight minutes. */
const END_MS = 450_000;
const sizes = values.sizes.split(",").map(Number);

// The first runs pay for the compilation of hot code; a call pays for that once, before it joins.
await measureGroup(3, 5);
const details: Figures = {};
for (const size of sizes) {
  const isSlow = size >= SLOW_SIZE;
  const measured = isSlow
    ? await measureGroup(size, SLOW_SAMPLES, { growth: "by a storm" })
    : await measureGroup(size, samples);
  Object.assign(details, measured);
}
const afterStorm = { growth: "by a storm", suffix: "AfterStorm" } as const;
Object.assign(details, await measureGroup(AFTER_STORM_SIZE, SLOW_SAMPLES, afterStorm));
const signed = { signatures: "post-quantum", suffix: "PostQuantum" } as const;
Object.assign(details, await measureGroup(POST_QUANTUM_SIZE, SLOW_SAMPLES, signed));
const keyReadyMs = await measureKeyReady(KEY_READY_SIZE, 2 * samples);
const exclusion = await measureExclusion(EXCLUSION_SIZE, 2 * samples);
const chromium = values["no-chromium"]
  ? {}
  : await measureInChromium(
      sizes.filter((size) => size <= CHROMIUM_SIZE),
      samples,
    );
const storm = await measureStorm(STORM_SIZE, () => END_MS - performance.now());
const figures: Figures = {
  keyReady50P95Ms: Math.round(keyReadyMs),
  excluded200P50Ms: Math.round(exclusion.p50Ms),
  excluded200P99Ms: Math.round(exclusion.p99Ms),
  storm1000Epochs: storm.epochs,
  storm1000Seconds: storm.seconds,
  storm1000Members: storm.members,
  ...spread("storm1000Welcome", storm.welcomeMs),
  ...spread("storm1000Process", storm.processMs),
  leaveStorm1000Seconds: storm.leaveSeconds,
  ...("updateBytes200" in details && { commitBytes200: details["updateBytes200"] ?? 0 }),
  ...details,
  ...Object.fromEntries(Object.entries(chromium).map(([name, value]) => [inChromium(name), value])),
};
if (values.json) {
  process.stdout.write(`${JSON.stringify({ bench: "group", figures, chromium })}\n`);
} else {
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}\t${value}\n`);
}

function spread(name: string, durationsMs: readonly number[]): Figures {
  const at = (rank: number) => Math.round(percentile(durationsMs, rank));
  return { [`${name}P50Ms`]: at(50), [`${name}P99Ms`]: at(99), [`${name}MaxMs`]: at(100) };
}

function inChromium(name: string): string {
  return `chromium${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}
