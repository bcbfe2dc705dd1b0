import type { Threshold } from "../scenario/scenario.ts";
import type { FigureName, Figures } from "./figures.ts";

export interface JudgedThreshold {
  readonly figure: FigureName;
  /** As a person writes it: `≤ 150`. */
  readonly limit: string;
  /** Undefined when it could not be measured, which does not pass. */
  readonly value: number | undefined;
  readonly passed: boolean;
  /** How far beyond the limit, as a share of it; 0 when it passed. */
  readonly excess: number;
}

export function judgeThresholds(
  thresholds: readonly Threshold[],
  figures: Figures,
): JudgedThreshold[] {
  return thresholds.map(({ figure, max, min }) => {
    const value = figures[figure];
    const bounds = [
      ...(min === undefined ? [] : [`≥ ${min}`]),
      ...(max === undefined ? [] : [`≤ ${max}`]),
    ];
    const beyond = Math.max(
      excessOf(value, max, (of, limit) => of - limit),
      excessOf(value, min, (of, limit) => limit - of),
    );
    const passed = beyond <= 0;
    const excess = passed ? 0 : beyond;
    return { figure, limit: bounds.join(" and "), value, passed, excess };
  });
}

function excessOf(
  value: number | undefined,
  limit: number | undefined,
  beyond: (value: number, limit: number) => number,
): number {
  if (limit === undefined) return 0;
  if (value === undefined) return 1;
  const difference = beyond(value, limit);
  return difference / Math.max(Math.abs(limit), 1e-9);
}
