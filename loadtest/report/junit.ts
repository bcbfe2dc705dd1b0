import { FIGURES } from "../statistics/figures.ts";
import type { RunResult } from "./run-result.ts";
import { escapeMarkup } from "./markup.ts";

/** The thresholds as test cases, and the verdict on the generator as one more. */
export function junitReport(result: RunResult): string {
  const { scenario, thresholds, verdict, interrupted, elapsedS, startedAt } = result;
  const cases = thresholds.map(({ figure, limit, value, passed }) => {
    const [unit, , meaning] = FIGURES[figure];
    const told = value === undefined ? "not measured" : `${value} ${unit}`;
    return testCase(scenario.name, figure, passed ? undefined : `${told}, limit ${limit}`, meaning);
  });
  const problems = [...(interrupted === null ? [] : [interrupted]), ...verdict.reasons];
  cases.push(
    testCase(
      scenario.name,
      "is-a-result",
      problems.length === 0 ? undefined : problems.join("; "),
      "The generator kept up, and nobody interrupted the run",
    ),
  );
  const failures = cases.filter((text) => text.includes("<failure")).length;
  const attributes =
    `name="loadtest.${escapeMarkup(scenario.name)}" tests="${cases.length}" ` +
    `failures="${failures}" errors="0" time="${elapsedS.toFixed(3)}" timestamp="${startedAt}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite ${attributes}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(
  scenario: string,
  name: string,
  failure: string | undefined,
  meaning: string,
): string {
  const head = `    <testcase classname="loadtest.${escapeMarkup(scenario)}" name="${escapeMarkup(name)}"`;
  if (failure === undefined) return `${head}/>`;
  const message = escapeMarkup(failure);
  return `${head}>\n      <failure message="${message}">${escapeMarkup(meaning)}</failure>\n    </testcase>`;
}
