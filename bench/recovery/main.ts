/**
 * How long it takes until two people see each other again after a trouble, from the moment on when the
 * later one's connection to the server stands again. Two browsers, one of them in a network of its own.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { troubleResult, TROUBLES } from "../../test/e2e/recovery/trouble.ts";
import { STAGES } from "../../test/support/comeback-recorder.ts";
import { runInOwnNetwork } from "../../test/support/own-network.ts";
import { percentile } from "../support/percentile.ts";

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false }, runs: { type: "string", default: "5" } },
  allowPositionals: true,
});
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const scenario = new URL("../../test/e2e/recovery/scenario.ts", import.meta.url);
const lines = await runInOwnNetwork(scenario, [values.runs, ...positionals]);
const seen = z.array(troubleResult).parse(lines);
const figures: Record<string, number> = {};
for (const trouble of TROUBLES) {
  const of = seen.filter((comeback) => comeback.trouble === trouble);
  if (of.length === 0) continue;
  const backMs = of.map((comeback) => comeback.backMs);
  figures[`${trouble}P50Ms`] = Math.round(percentile(backMs, 50));
  figures[`${trouble}MaxMs`] = Math.round(Math.max(...backMs));
  figures[`${trouble}ConnectedP50Ms`] = middle(of.map(({ connectedMs }) => connectedMs));
  figures[`${trouble}GapP50Ms`] = middle(of.map(({ gapMs }) => gapMs));
  if (values.json) continue;
  print(`${trouble}: back after ${backMs.map(Math.round).join(", ")} ms`);
  for (const stage of STAGES) {
    const ends = of.flatMap(({ stages }) => stages[stage] ?? []);
    if (ends.length > 0) print(`  ${stage.padEnd(12)} p50 ${middle(ends)} ms`);
  }
  print(`  connected ${figures[`${trouble}ConnectedP50Ms`]} ms after the trouble's end`);
  print(`  longest time without a new picture, p50 ${figures[`${trouble}GapP50Ms`]} ms`);
}
if (values.json) print(JSON.stringify({ bench: "recovery", runs: Number(values.runs), figures }));

function middle(milliseconds: readonly number[]): number {
  return Math.round(percentile(milliseconds, 50));
}
