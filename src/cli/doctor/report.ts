import type { Finding, FindingState } from "../../server/index.ts";

export interface DoctorReport {
  /** Of this program. */
  readonly version: string;
  readonly target: string;
  /** ISO 8601. */
  readonly at: string;
  /** Leads to the same examination from a browser, where the address of the page is known. */
  readonly browserTest?: string;
  readonly findings: readonly Finding[];
}

const signs: Readonly<Record<FindingState, string>> = {
  ok: "ok",
  warning: "WARNING",
  failed: "FAILED",
  skipped: "–",
};

/** One object on one line. `ok` is true when nothing failed. */
export function reportAsJson(report: DoctorReport): string {
  const ok = report.findings.every(({ state }) => state !== "failed");
  return `${JSON.stringify({ ...report, ok })}\n`;
}

export function reportAsText(report: DoctorReport): string {
  const { version, target, findings, browserTest } = report;
  const column = Math.max(...findings.map(({ check }) => check.length)) + 2;
  const lines = findings.flatMap(({ check, state, text, mend, region }) => {
    const where = region === undefined ? "" : ` (region ${region})`;
    const line = `  ${signs[state].padEnd(9)}${check.padEnd(column)}${printable(text)}${where}`;
    return mend === undefined ? [line] : [line, `${" ".repeat(11)}→ ${printable(mend)}`];
  });
  const further = browserTest === undefined ? "" : `\n  From a browser: ${browserTest}\n`;
  return `\n  Aparté ${version} looks at ${target}\n\n${lines.join("\n")}\n\n  ${summary(findings)}\n${further}`;
}

/** A server that is looked at may put anything into its answers, also what moves a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}

function summary(findings: readonly Finding[]): string {
  const count = (state: FindingState) => findings.filter((each) => each.state === state).length;
  const [broken, doubtful] = [count("failed"), count("warning")];
  if (broken > 0) return `${broken} to mend before calls work, ${doubtful} to look at.`;
  return doubtful > 0 ? `Calls work; ${doubtful} to look at.` : "All is well.";
}
