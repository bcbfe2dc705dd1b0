import { FIGURES, figureNames } from "../statistics/figures.ts";
import type { FigureName } from "../statistics/figures.ts";
import { Histogram } from "../statistics/histogram.ts";
import type { RunResult, Sample } from "./run-result.ts";
import { GAP_MS } from "./run-result.ts";
import { numberText, textTable } from "./text-table.ts";

export type Change = "better" | "worse" | "same" | "changed";

export interface ComparedFigure {
  readonly figure: FigureName;
  /** Undefined where it could not be measured, which is so in one of the runs at most. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** How much the figure moves by chance, in its own unit. */
  readonly noise: number;
  readonly change: Change;
}

/** Figures whose seconds tell how much they vary within a run. */
const SERIES: Partial<Record<FigureName, keyof Sample>> = {
  audioLatencyP50Ms: "audioLatencyP50Ms",
  audioLatencyP95Ms: "audioLatencyP95Ms",
  audioLatencyP99Ms: "audioLatencyP99Ms",
  videoLatencyP50Ms: "videoLatencyP50Ms",
  videoLatencyP95Ms: "videoLatencyP95Ms",
  videoLatencyP99Ms: "videoLatencyP99Ms",
  lossPercent: "lossPercent",
  packetsInPerS: "packetsInPerS",
  packetsOutPerS: "packetsOutPerS",
  megabitsInPerS: "megabitsInPerS",
  megabitsOutPerS: "megabitsOutPerS",
  serverCpuCores: "serverCores",
  workerCpuCores: "workerCores",
};
/** What two runs of the same thing differ by at least. */
const RELATIVE_NOISE = 0.1;
/** Of figures that stand for few events. */
const RELATIVE_NOISE_OF_EVENTS = 0.25;
/** One that came back a second later isn't worth a word; one that stayed away is. */
const RELATIVE_NOISE_OF_PRESENCE = 0.01;
/** What somebody waits for once, such as getting in: less than that feels the same. */
const OF_WAITING: ReadonlySet<FigureName> = new Set([
  "joinP50Ms",
  "joinP95Ms",
  "joinP99Ms",
  "firstAudioP95Ms",
  "firstVideoP95Ms",
  "rekeyP95Ms",
  "exclusionP95Ms",
  "signalingRecoveryP95Ms",
  "mediaRecoveryP95Ms",
]);
const NOTICED_WAITING_MS = 100;
const OF_EVENTS: ReadonlySet<FigureName> = new Set([
  ...OF_WAITING,
  "audioGapP99Ms",
  "audioGapsPerMinute",
  "freezesPerMinute",
  "framesBeforeKeys",
]);
/** Two standard errors of a difference: beyond it, chance explains one case in twenty. */
const STANDARD_ERRORS = 2;
/** Differences below these nobody notices, whatever they are in percent. */
const ABSOLUTE_NOISE: Readonly<Record<string, number>> = {
  ms: 2,
  "%": 0.1,
  "1/min": 0.2,
  cores: 0.02,
  MB: 10,
  "": 0.5,
};

/** What differs between two runs, and whether by more than chance. */
export function compareRuns(before: RunResult, after: RunResult): ComparedFigure[] {
  const isSameSize = heldSameSize(before, after);
  return figureNames().flatMap((figure) => {
    const from = before.figures[figure];
    const to = after.figures[figure];
    if (from === undefined && to === undefined) return [];
    if (from === undefined || to === undefined) {
      return [{ figure, before: from, after: to, noise: 0, change: changeOfMissing(figure, to) }];
    }
    const noise = noiseOf(figure, [before, after], Math.max(Math.abs(from), Math.abs(to)));
    const change = changeOf(figure, from, to, noise);
    // Of runs that grew, figures are of the size that held: those of two sizes are no judgement.
    const isNeutral = !isSameSize && figure !== "heldParticipants" && change !== "same";
    return [{ figure, before: from, after: to, noise, change: isNeutral ? "changed" : change }];
  });
}

export function comparisonText(
  before: RunResult,
  after: RunResult,
): { readonly text: string; readonly hasWorsened: boolean } {
  const compared = compareRuns(before, after);
  const rows = compared.map(({ figure, before: from, after: to, noise, change }) => [
    figure,
    from === undefined ? "–" : numberText(from),
    to === undefined ? "–" : numberText(to),
    FIGURES[figure][0],
    from === undefined || to === undefined ? "" : `± ${numberText(noise)}`,
    change === "same" ? "" : change,
  ]);
  const warnings = [before, after].flatMap(({ verdict, startedAt, interrupted }) => [
    ...(verdict.isResult
      ? []
      : [`The run of ${startedAt} is not a result: the generator was the limit.`]),
    ...(interrupted === null ? [] : [`The run of ${startedAt} was interrupted: ${interrupted}.`]),
  ]);
  if (!heldSameSize(before, after)) {
    warnings.push("What held are different sizes, so that the other figures are not judged.");
  }
  if (JSON.stringify(before.scenario) !== JSON.stringify(after.scenario)) {
    warnings.push("The two runs had different scenarios.");
  }
  if (before.sealed !== after.sealed) {
    warnings.push("Frames were sealed in one of them only.");
  }
  const worse = compared.filter(({ change }) => change === "worse").length;
  const better = compared.filter(({ change }) => change === "better").length;
  const header = ["", "before", "after", "", "noise", ""];
  const parts = [
    ...warnings,
    textTable([header, ...rows]),
    `${better} better, ${worse} worse, ${compared.length - better - worse} within the noise or neutral.`,
  ];
  return { text: `${parts.join("\n\n")}\n`, hasWorsened: worse > 0 };
}

/** Of a figure that only one run has. What flows all the time and is gone is worse. */
function changeOfMissing(figure: FigureName, after: number | undefined): Change {
  const [unit, direction] = FIGURES[figure];
  // What the server needed may just not have been asked for.
  const flows = SERIES[figure] !== undefined && direction !== "none" && unit !== "cores";
  return after === undefined && flows ? "worse" : "changed";
}

/** Also of runs that didn't grow. */
function heldSameSize({ figures: before }: RunResult, { figures: after }: RunResult): boolean {
  const [one, other] = [before.heldParticipants, after.heldParticipants];
  return one === undefined || other === undefined || one === other;
}

function changeOf(figure: FigureName, from: number, to: number, noise: number): Change {
  const [, direction] = FIGURES[figure];
  if (Math.abs(to - from) <= noise) return "same";
  if (direction === "none") return "changed";
  return to > from === (direction === "up") ? "better" : "worse";
}

function noiseOf(figure: FigureName, runs: readonly RunResult[], magnitude: number): number {
  const series = SERIES[figure];
  const errors =
    series === undefined ? [] : runs.map(({ samples }) => standardError(samples, series));
  const error = Math.hypot(...errors);
  const floor = OF_WAITING.has(figure)
    ? NOTICED_WAITING_MS
    : (ABSOLUTE_NOISE[FIGURES[figure][0]] ?? 0);
  // A count of rare events varies by its own square root.
  const counted = FIGURES[figure][0] === "" ? magnitude : eventsOf(figure, runs);
  const chance = counted > 0 ? Math.sqrt(2 / counted) * magnitude : 0;
  return Math.max(
    STANDARD_ERRORS * Math.max(error, chance),
    relativeNoise(figure) * magnitude,
    floor,
  );
}

/** How many events a rate stands for, in the run that had more; 0 for figures that are no rates. */
function eventsOf(figure: FigureName, runs: readonly RunResult[]): number {
  if (figure === "freezesPerMinute") {
    return Math.max(...runs.map(({ histograms }) => histograms.freeze.count));
  }
  if (figure !== "audioGapsPerMinute") return 0;
  const gaps = runs.map(({ histograms }) => Histogram.from(histograms.audioGap));
  return Math.max(...gaps.map((one) => one.shareAbove(GAP_MS * 1_000) * one.count));
}

function relativeNoise(figure: FigureName): number {
  // Whoever didn't get in is missing, and no matter of chance.
  if (figure === "joinedPercent") return 0;
  if (figure === "presentPercent") return RELATIVE_NOISE_OF_PRESENCE;
  return OF_EVENTS.has(figure) ? RELATIVE_NOISE_OF_EVENTS : RELATIVE_NOISE;
}

/** Of the mean over a run's seconds in which everybody was there. */
function standardError(samples: readonly Sample[], name: keyof Sample): number {
  const values = samples
    .filter(({ joined, target }) => joined === target && target > 0)
    .flatMap((sample) => {
      const value = sample[name];
      return typeof value === "number" ? [value] : [];
    });
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
