import { type Config, ConfigError, loadConfig } from "../../config/index.ts";
import { examineDeployment, examineHere, isReady, readyUrl } from "../../server/index.ts";
import { EXIT, say, sayError } from "../console.ts";
import { version } from "../version.ts";
import type { DoctorRequest } from "./doctor-request.ts";
import { readDoctorRequest } from "./doctor-request.ts";
import type { DoctorReport } from "./report.ts";
import { reportAsJson, reportAsText } from "./report.ts";

/** For each single thing that is tried. */
const TIMEOUT_MS = 4_000;

/**
 * Looks at the deployment that an address names, as its users reach it, or without one at this
 * machine and its configuration. Exits with 0 when nothing failed; warnings don't count.
 */
export async function doctor(args: readonly string[]): Promise<number> {
  const request = readDoctorRequest(args);
  if (request.kind === "misused") {
    sayError(`${request.problem}\n`);
    return EXIT.misused;
  }
  try {
    if (request.kind === "running") return await askRunning(loadConfig(request));
    return tell(await examine(request), request.json);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    sayError(`${error.message}\n`);
    return EXIT.misused;
  }
}

type Examination = Exclude<DoctorRequest, { kind: "misused" | "running" }>;

async function examine(request: Examination): Promise<DoctorReport> {
  const about = { version: version(), at: new Date().toISOString() };
  if (request.kind === "there") {
    const { origin } = request;
    const options = { timeoutMs: TIMEOUT_MS, fromInside: false };
    const findings = await examineDeployment(origin, options);
    return { ...about, target: origin.origin, browserTest: browserTest(origin.origin), findings };
  }
  const config = loadConfig(request);
  const { publicUrl } = config.http;
  const findings = await examineHere(config, { timeoutMs: TIMEOUT_MS, stun: request.stun });
  return {
    ...about,
    target: "this machine",
    ...(publicUrl === undefined ? {} : { browserTest: browserTest(new URL(publicUrl).origin) }),
    findings,
  };
}

/** The page's connection test: CONNECTION_TEST_FRAGMENT of src/web. */
function browserTest(origin: string): string {
  return `${origin}/#test`;
}

function tell(report: DoctorReport, json: boolean): number {
  say(json ? reportAsJson(report) : reportAsText(report));
  return report.findings.some(({ state }) => state === "failed") ? EXIT.failed : EXIT.ok;
}

async function askRunning({ admin }: Config): Promise<number> {
  const readiness = await isReady(admin, TIMEOUT_MS);
  if (readiness === undefined) {
    sayError(`No service answers at ${new URL(readyUrl(admin)).host} (admin.host, admin.port).\n`);
    return EXIT.failed;
  }
  const { ready, report } = readiness;
  if (ready) say(`The service is ready: ${report}\n`);
  else sayError(`The service is not ready: ${report}\n`);
  return ready ? EXIT.ok : EXIT.failed;
}
