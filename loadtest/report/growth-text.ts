import { FIGURES } from "../statistics/figures.ts";
import type { Verdict } from "../statistics/verdict.ts";
import type { BusyProcess, Knee, RunResult } from "./run-result.ts";
import { numberText } from "./text-table.ts";

/** How many took part: `2 × 4 participants`, and up to how many it grew. */
export function sizeText({ scenario, stages }: RunResult): string {
  const size = `${scenario.rooms} × ${scenario.participants} participants`;
  const largest = stages.at(-1);
  return largest === undefined ? size : `${size}, growing to ${largest.participants}`;
}

/** Where growing stopped to work, by what, and what was busy then. */
export function kneeText(knee: Knee, { isResult }: Verdict): string {
  const { heldParticipants, brokeAtParticipants, brokeFirst, busiest } = knee;
  if (brokeAtParticipants === null) {
    if (heldParticipants === 0) return "No size could be judged.";
    const held = `Held up to ${heldParticipants} participants`;
    return isResult
      ? `${held}, and nothing broke.`
      : `${held}; then the generator was the limit, and the server may carry more.`;
  }
  const where =
    heldParticipants === 0
      ? `Not even ${brokeAtParticipants} participants held`
      : `The knee lies between ${heldParticipants} and ${brokeAtParticipants} participants`;
  return `${where}; what broke first: ${breakText(brokeFirst)}${busyClause(busiest)}.`;
}

/** `worker 0 97 %`, of a core. */
export function busyText({ name, cores }: BusyProcess): string {
  return `${name} ${(cores * 100).toFixed(0)} %`;
}

function breakText(broken: Knee["brokeFirst"]): string {
  if (broken === null) return "unknown";
  const { figure, value, limit } = broken;
  const [unit] = FIGURES[figure];
  const told = value === undefined ? "not measured" : `${numberText(value)} ${unit}`.trim();
  return `${figure} (${told}, limit ${limit})`;
}

function busyClause(busiest: BusyProcess | null): string {
  if (busiest === null) return "";
  return `, with ${busiest.name} at ${(busiest.cores * 100).toFixed(0)} % of a core`;
}
