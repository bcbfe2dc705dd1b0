import { lookup } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { addressKind } from "./address-kind.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, skipped, warning } from "./finding.ts";

const clockToleranceMs = 30_000;

/** What stands before signaling: name, page, clock. */
export interface PageFindings {
  readonly findings: readonly Finding[];
  /** Whether there is any use in going on. */
  readonly reached: boolean;
}

/** The name and the page behind it, as a browser would ask for them. */
export async function checkPage(origin: URL, timeoutMs: number): Promise<PageFindings> {
  const host = origin.hostname.replace(/^\[(.*)\]$/, "$1");
  const findings: Finding[] = [];
  if (isIP(host) === 0) {
    const name = await checkName(host);
    findings.push(name);
    if (name.state === "failed") return { findings, reached: false };
  }
  findings.push(checkScheme(origin, host));
  try {
    const askedAtMs = Date.now();
    const response = await get(origin, timeoutMs);
    const halfwayMs = (askedAtMs + Date.now()) / 2;
    findings.push(pageFinding(origin, response));
    findings.push(clockFinding(response.headers.date, halfwayMs));
    return { findings, reached: true };
  } catch (error) {
    const port = origin.port || (origin.protocol === "https:" ? "443" : "80");
    findings.push(
      failed(
        "page",
        `Nothing answers at ${origin.origin} (${reasonOf(error)}).`,
        `Start the service, and open TCP port ${port} to it in the firewall.`,
      ),
    );
    return { findings, reached: false };
  }
}

async function checkName(host: string): Promise<Finding> {
  try {
    const addresses = await lookup(host, { all: true });
    return ok("name", `${host} is ${addresses.map(({ address }) => address).join(", ")}.`);
  } catch {
    return failed(
      "name",
      `The name ${host} has no address.`,
      "Add an A or AAAA record with the machine's address to the name's zone.",
    );
  }
}

/** Browsers tell secure contexts by the address, and have neither camera nor WebCrypto elsewhere. */
function checkScheme(origin: URL, host: string): Finding {
  if (origin.protocol === "https:") return ok("secure-context", "The page comes over HTTPS.");
  if (addressKind(host) === "loopback") {
    return ok("secure-context", "The page comes from this machine itself, so HTTP will do.");
  }
  return failed(
    "secure-context",
    "The page comes over HTTP: browsers give it neither camera nor encryption.",
    "Set tls.certificateFile and tls.keyFile, or put a proxy with TLS in front.",
  );
}

/** Any certificate is taken: it has a finding of its own. */
function get(origin: URL, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request =
      origin.protocol === "https:"
        ? requestHttps(origin, { signal, rejectUnauthorized: false, agent: false })
        : requestHttp(origin, { signal, agent: false });
    request.once("error", reject);
    request.once("response", (response) => {
      response.resume();
      response.once("end", () => {
        resolve(response);
      });
      response.once("error", reject);
    });
    request.end();
  });
}

function pageFinding(origin: URL, { statusCode = 0, headers }: IncomingMessage): Finding {
  const isPage = headers["content-type"]?.startsWith("text/html") === true;
  if (statusCode === 200 && isPage) return ok("page", `The page is served at ${origin.origin}.`);
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    return warning(
      "page",
      `${origin.origin} leads elsewhere (${statusCode}).`,
      "Ask for the address that it leads to, and set that as http.publicUrl.",
    );
  }
  return failed(
    "page",
    `What ${origin.origin} answers is not the call page (${statusCode}).`,
    "Let the proxy pass / on to the service, or ask for the address where it is.",
  );
}

function clockFinding(date: string | undefined, nowMs: number): Finding {
  const serverMs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(serverMs)) return skipped("clock", "The server does not tell the time.");
  // Whole seconds, cut off.
  const aheadS = Math.round((serverMs + 500 - nowMs) / 1_000);
  if (Math.abs(aheadS * 1_000) <= clockToleranceMs) {
    return ok("clock", `The server's clock and this machine's differ by ${Math.abs(aheadS)} s.`);
  }
  const direction = aheadS > 0 ? "ahead of" : "behind";
  return warning(
    "clock",
    `The server's clock is ${Math.abs(aheadS)} s ${direction} this machine's.`,
    "Keep the clocks of all machines right with NTP: credentials and certificates expire by them.",
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError" || error.name === "AbortError") return "no answer";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
