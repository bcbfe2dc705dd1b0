import { stringify } from "yaml";
import type { FigureName } from "../../statistics/figures.ts";
import { FIGURES, figureNames } from "../../statistics/figures.ts";
import { escapeMarkup } from "../markup.ts";
import type { RunResult } from "../run-result.ts";
import { busyText, kneeText, sizeText } from "../growth-text.ts";
import { starvedNote } from "../starved-note.ts";
import { numberText } from "../text-table.ts";
import { distributionPlots, plotsBySize, plotsOverTime } from "./plots.ts";
import { STYLE } from "./style.ts";

const TILES: readonly (readonly [FigureName, string])[] = [
  ["heldParticipants", "carried"],
  ["joinedPercent", "joined"],
  ["joinP95Ms", "in the call, 95 %"],
  ["audioLatencyP99Ms", "audio one way, 99 %"],
  ["videoLatencyP99Ms", "video one way, 99 %"],
  ["lossPercent", "packets lost"],
  ["decryptFailures", "frames that did not open"],
  ["megabitsInPerS", "delivered"],
  ["workerCpuPerParticipantPercent", "of a core a participant"],
];

/** One page that needs nothing else: no script, no font, no request. */
export function htmlReport(result: RunResult): string {
  const { scenario, target, startedAt } = result;
  const title = `Load test: ${scenario.name}`;
  const participants = sizeText(result);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeMarkup(title)}</title><style>${STYLE}</style></head>
<body><main>
<header><h1>${escapeMarkup(title)}</h1>${badge(result)}</header>
<p class="lead">${escapeMarkup(scenario.description)} ${participants}, ${numberText(result.elapsedS)} s, at ${escapeMarkup(target)}, ${escapeMarkup(startedAt.replace("T", " ").slice(0, 19))} UTC.</p>
${notice(result)}
<section class="tiles">${tiles(result)}</section>
${growthSection(result)}
${thresholdSection(result)}
${browserSection(result)}
${stepSection(result)}
<h2>Over time</h2><section class="charts">${plotsOverTime(result)}</section>
<h2>Distributions</h2><section class="charts">${distributionPlots(result)}</section>
${troubleSection(result)}
<h2>All figures</h2><section class="card">${figureTable(result)}</section>
<h2>Configuration</h2><section class="columns">${configuration(result)}</section>
<footer>Aparté ${escapeMarkup(result.version)}. Latency is measured by stamps inside the sealed frames. Distributions of times have logarithmic axes.</footer>
</main></body></html>
`;
}

function badge({ interrupted, verdict, thresholds }: RunResult): string {
  if (interrupted !== null) return '<span class="badge warn">Interrupted</span>';
  if (!verdict.isResult) return '<span class="badge warn">Not a result</span>';
  const failed = thresholds.filter(({ passed }) => !passed).length;
  if (failed > 0) {
    return `<span class="badge bad">${failed} of ${thresholds.length} thresholds broke</span>`;
  }
  return `<span class="badge good">${thresholds.length === 0 ? "Done" : "Passed"}</span>`;
}

function notice(result: RunResult): string {
  const { interrupted, verdict, knee } = result;
  const parts: string[] = [];
  if (interrupted !== null) {
    parts.push(
      `<div class="notice warn">The run was ended before its time (${escapeMarkup(interrupted)}); this is what was measured until then.</div>`,
    );
  }
  if (!verdict.isResult) {
    const reasons = verdict.reasons.map((reason) => `<li>${escapeMarkup(reason)}</li>`).join("");
    const what =
      knee === null || knee.heldParticipants === 0
        ? "so these figures say nothing of the server"
        : `so the server may carry more than the ${knee.heldParticipants} participants of these figures`;
    parts.push(
      `<div class="notice warn"><b>The generator itself was the limit</b>, ${what}:<ul>${reasons}</ul></div>`,
    );
  }
  for (const text of starvedNote(result)) {
    parts.push(`<div class="notice warn">${escapeMarkup(text)}</div>`);
  }
  return parts.join("");
}

function tiles({ figures, knee }: RunResult): string {
  return TILES.flatMap(([name, label]) => {
    const value = figures[name];
    // Two rows of four: that all have joined goes without saying where so many are carried.
    if (value === undefined || (knee !== null && name === "joinedPercent")) return [];
    const unit = escapeMarkup(FIGURES[name][0]);
    return [
      `<div class="tile"><span>${escapeMarkup(label)}</span><b>${numberText(value)}</b> <small>${unit}</small></div>`,
    ];
  }).join("");
}

function thresholdSection({ thresholds }: RunResult): string {
  if (thresholds.length === 0) return "";
  const rows = thresholds.map(({ figure, limit, value, passed }) => {
    const [unit, , meaning] = FIGURES[figure];
    const told = value === undefined ? "not measured" : `${numberText(value)} ${unit}`;
    const verdict = passed
      ? '<span class="badge good">held</span>'
      : '<span class="badge bad">broke</span>';
    return [
      `<td>${figure}</td>`,
      number(told),
      number(limit),
      `<td>${verdict}</td>`,
      note(meaning),
    ];
  });
  return `<h2>Thresholds</h2><section class="card">${table(["", "#measured", "#limit", "", ""], rows)}</section>`;
}

function growthSection({ knee, stages, verdict }: RunResult): string {
  if (knee === null) return "";
  const rows = stages.map(({ participants, figures, broken, isResult, busiest }) => {
    const outcome = !isResult
      ? '<span class="badge warn">generator at its limit</span>'
      : broken.length === 0
        ? '<span class="badge good">held</span>'
        : `<span class="badge bad">${escapeMarkup(broken.map(({ figure }) => figure).join(", "))}</span>`;
    const cell = (name: FigureName) =>
      number(figures[name] === undefined ? "–" : numberText(figures[name]));
    return [
      number(String(participants)),
      cell("joinP95Ms"),
      cell("audioLatencyP99Ms"),
      cell("videoLatencyP99Ms"),
      cell("lossPercent"),
      number(busiest === null ? "–" : busyText(busiest)),
      `<td>${outcome}</td>`,
    ];
  });
  const header = [
    "#participants",
    "#join 95 % (ms)",
    "#audio 99 % (ms)",
    "#video 99 % (ms)",
    "#loss (%)",
    "#busiest",
    "",
  ];
  const text = escapeMarkup(kneeText(knee, verdict));
  return (
    `<h2>Capacity</h2><p>${text}</p><section class="card">${table(header, rows)}</section>` +
    `<section class="charts below">${plotsBySize(stages)}</section>`
  );
}

/** What the scenario did, by the numbers that stand in the plots. */
function stepSection({ scenario, marks }: RunResult): string {
  if (scenario.steps.length === 0 || marks.length === 0) return "";
  const rows = marks.map(({ atS, what }, index) => [
    number(String(index + 1)),
    number(`${numberText(atS)} s`),
    `<td>${escapeMarkup(what)}</td>`,
  ]);
  return `<h2>What happened</h2><section class="card narrow">${table(["#", "#at", ""], rows)}</section>`;
}

function browserSection({ browsers, figures }: RunResult): string {
  if (browsers === null) return "";
  const text = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : numberText(value);
  const rows = [
    ["joined", `${browsers.joined} of ${browsers.count}`, `${text(figures.joinedPercent)} %`],
    ["in the call, 95 % (ms)", text(browsers.joinP95Ms), text(figures.joinP95Ms)],
    ["packets lost (%)", text(browsers.lossPercent), text(figures.lossPercent)],
    ["pictures decoded (1/s each)", text(browsers.framesDecodedPerS), "–"],
    ["freezes", text(browsers.freezes), "–"],
    ["jitter buffer (ms)", text(browsers.jitterBufferMs), "–"],
  ].map(([name = "", real = "", synthetic = ""]) => [
    `<td>${escapeMarkup(name)}</td>`,
    number(real),
    number(synthetic),
  ]);
  return `<h2>Real browsers beside them</h2><section class="card">${table(["", "#Chromium", "#synthetic"], rows)}</section>`;
}

function troubleSection({ troubles }: RunResult): string {
  if (troubles.length === 0) return "";
  const rows = troubles.map(({ code, count, message }) => [
    `<td>${escapeMarkup(code)}</td>`,
    number(String(count)),
    note(message),
  ]);
  return `<h2>Troubles</h2><section class="card">${table(["", "#times", ""], rows)}</section>`;
}

function figureTable({ figures }: RunResult): string {
  const rows = figureNames().flatMap((name) => {
    const value = figures[name];
    const [unit, , meaning] = FIGURES[name];
    if (value === undefined) return [];
    return [[`<td>${name}</td>`, number(`${numberText(value)} ${unit}`), note(meaning)]];
  });
  return table(["", "#measured", ""], rows);
}

function configuration({ scenario, machine, agents, version, sealed }: RunResult): string {
  const machines = [
    `coordinator  ${machine.host}`,
    `             ${machine.cpu}, ${machine.cores} cores, ${machine.memoryMb} MB`,
    `             ${machine.system}, Node ${machine.node}`,
    `version      ${version}`,
    `frames       ${sealed ? "sealed" : "not sealed"}`,
    ...agents.map(
      (agent, index) =>
        `agent ${index + 1}      ${agent.machine.host}, ${agent.engine} engine (${agent.engineVersion})`,
    ),
  ];
  return [stringify(scenario), machines.join("\n")]
    .map((text) => `<div class="card"><pre>${escapeMarkup(text)}</pre></div>`)
    .join("");
}

/** Columns whose heading begins with # hold numbers. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headings
    .map((text) =>
      text.startsWith("#")
        ? `<th class="number">${escapeMarkup(text.slice(1))}</th>`
        : `<th>${escapeMarkup(text)}</th>`,
    )
    .join("");
  const body = rows.map((cells) => `<tr>${cells.join("")}</tr>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function number(text: string): string {
  return `<td class="number">${escapeMarkup(text)}</td>`;
}

function note(text: string): string {
  return `<td class="meaning">${escapeMarkup(text)}</td>`;
}
