import { escapeMarkup } from "../markup.ts";
import type { Mark } from "../run-result.ts";
import { numberText } from "../text-table.ts";
import type { Scale } from "./scale.ts";
import { linearScale, logScale } from "./scale.ts";

export interface Series {
  readonly name: string;
  /** Null makes a gap in the line. */
  readonly points: readonly (readonly [x: number, y: number | null])[];
  /** Drawn thinly behind the others, such as what should be. */
  readonly isFaint?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  /** What the vertical axis counts. */
  readonly unit: string;
  readonly series: readonly Series[];
  readonly marks?: readonly Mark[];
  /** What stands below the horizontal axis; seconds when absent. */
  readonly xText?: (value: number) => string;
}

/** The horizontal axis of a distribution. */
export interface ValueAxis {
  readonly unit: string;
  readonly isLogarithmic: boolean;
}

const MILLISECONDS: ValueAxis = { unit: "ms", isLogarithmic: true };

/** Beyond so many, lines would hide what is drawn. */
const MOST_MARKS = 30;
/** Longer ones would lie upon each other. */
const LONGEST_LABEL = 4;
const WIDTH = 560;
const HEIGHT = 230;
const PLOT = { left: 52, right: WIDTH - 26, top: 14, bottom: HEIGHT - 30 } as const;

/** Lines over the seconds of a run, or over its sizes. Empty when there is nothing to show. */
export function lineChart({
  title,
  unit,
  series,
  marks = [],
  xText = (value) => `${numberText(value)} s`,
}: ChartOptions): string {
  const told = series.filter(({ points }) => points.some(([, y]) => y !== null));
  if (told.length === 0) return "";
  const xs = told.flatMap(({ points }) => points.map(([x]) => x));
  const ys = told.flatMap(({ points }) => points.flatMap(([, y]) => y ?? []));
  const x = linearScale([0, largest(xs)], [PLOT.left, PLOT.right], 7);
  const y = linearScale([0, largest(ys)], [PLOT.bottom, PLOT.top], 4);
  const lines = marks.map((mark, index) => markLine(mark, index, x.at(mark.atS)));
  return figure(title, unit, told, [
    grid(x, y, xText, numberText),
    ...(marks.length > MOST_MARKS ? [] : lines),
    ...told.map((one, index) => path(one, index, x, y)),
  ]);
}

/** Cumulative distributions, of milliseconds unless the axis says otherwise. */
export function distributionChart(
  title: string,
  series: readonly { name: string; points: readonly { value: number; share: number }[] }[],
  { unit, isLogarithmic }: ValueAxis = MILLISECONDS,
): string {
  const told = series.filter(({ points }) => points.length > 0);
  if (told.length === 0) return "";
  const values = told.flatMap(({ points }) => points.map(({ value }) => value));
  const places: [number, number] = [PLOT.left, PLOT.right];
  const x = isLogarithmic
    ? logScale([Math.min(...values), largest(values)], places)
    : linearScale([0, largest(values)], places);
  const y = linearScale([0, 1], [PLOT.bottom, PLOT.top], 5);
  const lines = told.map(({ name, points }): Series => {
    const [first] = points;
    const start: [number, number] = [first?.value ?? 0, 0];
    return { name, points: [start, ...points.map(({ value, share }) => [value, share] as const)] };
  });
  return figure(title, "share of all", lines, [
    grid(
      x,
      y,
      (value) => `${numberText(value)} ${unit}`,
      (value) => `${numberText(value * 100)} %`,
    ),
    ...lines.map((one, index) => path(one, index, x, y)),
  ]);
}

/** A line where something happened, with its name if that is short, else its number. */
function markLine({ what }: Mark, index: number, at: number): string {
  const x = at.toFixed(1);
  const label = what.length > LONGEST_LABEL ? String(index + 1) : what;
  return (
    `<line class="mark" x1="${x}" x2="${x}" y1="${PLOT.top}" y2="${PLOT.bottom}">` +
    `<title>${escapeMarkup(what)}</title></line>` +
    `<text class="mark-text" x="${x}" y="${PLOT.top - 3}">${escapeMarkup(label)}</text>`
  );
}

function figure(
  title: string,
  unit: string,
  series: readonly Series[],
  contents: readonly string[],
): string {
  const legend = series
    .map(({ name }, index) => `<li class="s${index + 1}">${escapeMarkup(name)}</li>`)
    .join("");
  return (
    `<figure><figcaption><b>${escapeMarkup(title)}</b><span>${escapeMarkup(unit)}</span></figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeMarkup(title)}">` +
    `${contents.join("")}</svg><ul class="legend">${legend}</ul></figure>`
  );
}

function grid(
  x: Scale,
  y: Scale,
  xText: (value: number) => string,
  yText: (value: number) => string,
): string {
  const rows = y.ticks.map((tick) => {
    const at = y.at(tick).toFixed(1);
    return (
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}"/>` +
      `<text class="y" x="${PLOT.left - 6}" y="${at}">${yText(tick)}</text>`
    );
  });
  const columns = x.ticks
    .filter((tick) => x.at(tick) <= PLOT.right + 0.5)
    .map((tick) => {
      const at = x.at(tick).toFixed(1);
      return (
        `<line class="tick" x1="${at}" x2="${at}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 4}"/>` +
        `<text class="x" x="${at}" y="${PLOT.bottom + 17}">${xText(tick)}</text>`
      );
    });
  return [...rows, ...columns].join("");
}

function path({ name, points, isFaint }: Series, index: number, x: Scale, y: Scale): string {
  let isDrawing = false;
  const commands = points.map(([at, value]) => {
    if (value === null) {
      isDrawing = false;
      return "";
    }
    const place = `${x.at(at).toFixed(1)} ${y.at(value).toFixed(1)}`;
    if (isDrawing) return `L${place}`;
    isDrawing = true;
    // A line of no length is a dot by its round ends, so that a value between two gaps is seen.
    return `M${place}h0`;
  });
  const faint = isFaint === true ? " faint" : "";
  return `<path class="line s${index + 1}${faint}" d="${commands.join("")}"><title>${escapeMarkup(name)}</title></path>`;
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
