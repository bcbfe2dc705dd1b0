import { isGrave, type ConnectionTestState } from "../state/connection-test.ts";
import { stepText } from "./connection-test-strings.ts";

export interface ReportContext {
  readonly origin: string;
  readonly browser: string;
  readonly nowMs: number;
}

/** What was found, for whoever helps: JSON, with the sentences that were shown. */
export function connectionReport(
  { steps, verdict }: ConnectionTestState,
  { origin, browser, nowMs }: ReportContext,
): string {
  const report = {
    test: "aparte connection test",
    at: new Date(nowMs).toISOString(),
    server: origin,
    browser,
    verdict,
    steps: steps.map((step) => ({ ...step, grave: isGrave(step, verdict), ...stepText(step) })),
  };
  return JSON.stringify(report, null, 2);
}
