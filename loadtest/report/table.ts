import { FIGURES, figureNames } from "../statistics/figures.ts";
import { busyText, kneeText, sizeText } from "./growth-text.ts";
import type { RunResult } from "./run-result.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { starvedNote } from "./starved-note.ts";
import { numberText, textTable } from "./text-table.ts";

/** What is printed at the end of a run. */
export function resultTable(result: RunResult): string {
  const { scenario, figures, thresholds, agents } = result;
  const judged = new Map(thresholds.map((threshold) => [threshold.figure, threshold]));
  const rows = figureNames()
    .filter((name) => figures[name] !== undefined || judged.has(name))
    .map((name) => {
      const threshold = judged.get(name);
      const value = figures[name];
      const [unit] = FIGURES[name];
      const verdict = threshold === undefined ? "" : threshold.passed ? "pass" : "FAIL";
      return [
        name,
        value === undefined ? "not measured" : numberText(value),
        unit,
        threshold?.limit ?? "",
        verdict,
      ];
    });
  const engines = [...new Set(agents.map(({ engine }) => engine))].join(", ");
  const parts = [
    `${scenario.name}: ${sizeText(result)}, ` +
      `${numberText(result.elapsedS)} s, ${agents.length} agent(s), ${engines} engine` +
      (result.sealed ? "" : ", frames not sealed"),
    textTable(rows),
    ...browserLines(result),
    ...growthLines(result),
    ...troubleLines(result),
    ...starvedNote(result),
    closingWord(result),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** One sentence on what the run says. */
function closingWord({ interrupted, verdict, thresholds, knee }: RunResult): string {
  if (interrupted !== null) return `Interrupted (${interrupted}): what was measured until then.`;
  if (!verdict.isResult) {
    const reasons = verdict.reasons.map((reason) => `  - ${reason}`).join("\n");
    return `Not a result: the generator itself was the limit.\n${reasons}`;
  }
  const failed = thresholds.filter(({ passed }) => !passed);
  if (thresholds.length === 0) return "Done; the scenario has no thresholds.";
  const where = knee === null ? "" : ` at ${knee.heldParticipants} participants`;
  return failed.length === 0
    ? `Passed: all ${thresholds.length} thresholds held${where}.`
    : `Failed: ${failed.map(({ figure }) => figure).join(", ")}.`;
}

function browserLines({ browsers }: RunResult): string[] {
  if (browsers === null) return [];
  const text = (value: number | null) => (value === null ? "–" : numberText(value));
  return [
    `Real browsers: ${browsers.joined} of ${browsers.count} joined\n${textTable([
      ["joinP95Ms", text(browsers.joinP95Ms), "ms"],
      ["framesDecodedPerS", text(browsers.framesDecodedPerS), "1/s each"],
      ["freezes", text(browsers.freezes), ""],
      ["lossPercent", text(browsers.lossPercent), "%"],
      ["jitterBufferMs", text(browsers.jitterBufferMs), "ms"],
    ])}`,
  ];
}

function growthLines({ stages, knee, verdict }: RunResult): string[] {
  if (knee === null) return [];
  const told = (value: number | undefined) => (value === undefined ? "–" : numberText(value));
  const rows = stages.map(({ participants, broken, isResult, figures, busiest }) => [
    String(participants),
    told(figures.joinP95Ms),
    told(figures.audioLatencyP99Ms),
    told(figures.videoLatencyP99Ms),
    told(figures.lossPercent),
    busiest === null ? "–" : busyText(busiest),
    !isResult
      ? "the generator was the limit"
      : broken.length === 0
        ? "held"
        : broken.map(({ figure }) => figure).join(", "),
  ]);
  const header = ["people", "join 95 %", "audio 99 %", "video 99 %", "loss %", "busiest", ""];
  return [textTable([header, ...rows]), kneeText(knee, verdict)];
}

function troubleLines({ troubles, scenario }: RunResult): string[] {
  if (troubles.length === 0) return [];
  const rows = troubles.map(({ code, count, message }) => [code, String(count), message]);
  const advice = new Set(troubles.flatMap(({ code }) => adviceOn(code, scenario) ?? []));
  return [`Troubles\n${textTable(rows)}`, ...advice];
}

/** Refusals that say more of the server's protection than of its strength. */
function adviceOn(code: string, { relay }: Scenario): string | undefined {
  switch (code) {
    case "no-connection":
    case "rate-limited":
      return (
        "A server protects itself from one address that does what a load test does. For the test, " +
        "raise signaling.connectionsPerAddress and signaling.requestsPerSecond there, or use agents " +
        "on several machines; see docs/load-testing.md."
      );
    case "media-lost":
      return relay === "always"
        ? "Media broke or never came about. The relays' own limits may have been met: " +
            "turn.unauthenticatedPerS, turn.allocations, turn.bandwidthBytesPerS."
        : undefined;
    case "room-full":
    case "server-full":
      return "A limit on participants was met: signaling.participantsPerRoom or signaling.participants.";
    default:
      return undefined;
  }
}
