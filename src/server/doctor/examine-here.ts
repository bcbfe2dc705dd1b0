import { type Config, isLoopback } from "../../config/index.ts";
import { silentLogger } from "../../observability/index.ts";
import { createServer } from "../create-server.ts";
import { originAt } from "../origins.ts";
import { StartError } from "../start-error.ts";
import type { StunServer } from "./address-check.ts";
import { checkPublicAddress } from "./address-check.ts";
import { checkConfiguredCertificate } from "./configured-certificate-check.ts";
import { examineDeployment } from "./examine-deployment.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, skipped, warning } from "./finding.ts";
import { checkMachine } from "./machine-check.ts";
import { isReady } from "./ready.ts";

export interface HereOptions {
  readonly timeoutMs: number;
  /** Asked how this machine looks from outside. */
  readonly stun?: StunServer | undefined;
}

/**
 * Looks at this machine and at the service as configured: at the one that runs, or, where none does,
 * at one that is started for the purpose and ended again. Never rejects for what it finds.
 */
export async function examineHere(config: Config, options: HereOptions): Promise<Finding[]> {
  const { timeoutMs, stun } = options;
  const findings = [
    ...checkMachine(config),
    await checkConfiguredCertificate(config, Date.now()),
    ...(await checkPublicAddress(config, stun, timeoutMs)),
  ];
  const readiness = await isReady(config.admin, timeoutMs);
  if (readiness === undefined) return [...findings, ...(await examineRehearsal(config, options))];
  findings.push(
    readiness.ready
      ? ok("service", "The service runs and is ready.")
      : failed("service", "The service runs, but is not ready.", `Look at ${readiness.url}.`),
  );
  return [...findings, ...(await examineCalls(config, config.http.port, options))];
}

async function examineRehearsal(config: Config, options: HereOptions): Promise<Finding[]> {
  try {
    const server = await createServer({ config, logger: silentLogger });
    try {
      const calls = await examineCalls(config, server.httpPort, options);
      return [
        ok("service", "The service starts as configured; all of its ports are free."),
        ...calls,
      ];
    } finally {
      await server.close("examined");
    }
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return [failed("service", "The service does not start as configured.", error.message)];
  }
}

async function examineCalls(
  config: Config,
  port: number | undefined,
  { timeoutMs }: HereOptions,
): Promise<Finding[]> {
  const { publicUrl } = config.http;
  if (port === undefined || !config.roles.includes("signaling")) {
    return [
      skipped(
        "signaling",
        "Signaling is not among this process's roles: its own address, given to `aparte doctor`, tries this one too.",
      ),
    ];
  }
  const options = { timeoutMs, fromInside: true };
  const here = new URL(originHere(config, port));
  if (publicUrl === undefined) {
    return asOthersSeeIt(await examineDeployment(here, options), here, config);
  }
  const outside = await examineDeployment(new URL(publicUrl), options);
  const signaling = outside.find(({ check }) => check === "signaling");
  if (signaling?.state === "ok") return outside;
  // What stands in front has a finding of its own by now; here is the rest, past it.
  const inside = await examineDeployment(here, options);
  const unseen = signaling === undefined ? /^(?:signaling|media|relay)/ : /^(?:media|relay)/;
  return [...outside.map(seenFromInside), ...inside.filter(({ check }) => unseen.test(check))];
}

/** Many routers lead nobody back to himself, so what fails here need not fail elsewhere. */
function seenFromInside(finding: Finding): Finding {
  if (finding.state !== "failed" || finding.check !== "page") return finding;
  return warning(
    finding.check,
    finding.text,
    `Ask from another machine: many routers lead nobody back to himself. Else: ${finding.mend ?? ""}`,
  );
}

/**
 * Under its local name a certificate for the public one is none; the files have a finding of their
 * own. And what a browser allows a page of its own machine it allows no other.
 */
function asOthersSeeIt(findings: readonly Finding[], here: URL, { http }: Config): Finding[] {
  const isForOthers = here.protocol === "http:" && !isLoopback(http.host);
  return findings
    .filter(({ check }) => check !== "certificate")
    .map((finding) => (isForOthers && finding.check === "secure-context" ? insecure : finding));
}

const insecure = warning(
  "secure-context",
  "Others get the page over HTTP: browsers give it neither camera nor encryption.",
  "Set tls.certificateFile and tls.keyFile, or put a proxy with TLS in front and set http.publicUrl.",
);

function originHere({ http, tls }: Config, port: number): string {
  const scheme = tls.development || tls.certificateFile !== undefined ? "https" : "http";
  return originAt(scheme, reachable(http.host), port);
}

/** A listener on all addresses is reached by the machine's own. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
