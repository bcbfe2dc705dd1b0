import { lookup } from "node:dns/promises";
import { ProtocolError, PROTOCOL_VERSION } from "../../protocol/index.ts";
import { addressKind } from "./address-kind.ts";
import { DiagnosticVisit } from "./diagnostic-visit.ts";
import type { Finding } from "./finding.ts";
import { failed, ok } from "./finding.ts";
import type { MediaCheckOptions } from "./media-check.ts";
import { checkMedia, inMs } from "./media-check.ts";
import { checkPage } from "./page-check.ts";
import { checkRelays } from "./relay-check.ts";
import { checkServedCertificate } from "./served-certificate-check.ts";

export interface ExaminationOptions {
  /** How long each single thing may take. */
  readonly timeoutMs: number;
  /** On the machine itself, which may not reach its own public address. */
  readonly fromInside: boolean;
}

const roundTrips = 3;

/**
 * Looks at a deployment as its users reach it, from this machine: all that they need for a call but
 * camera and browser. Leaves nothing behind there. Never rejects for what it finds.
 */
export async function examineDeployment(
  origin: URL,
  options: ExaminationOptions,
): Promise<Finding[]> {
  const { timeoutMs } = options;
  const { findings, reached } = await checkPage(origin, timeoutMs);
  if (!reached) return [...findings];
  const host = origin.hostname.replace(/^\[(.*)\]$/, "$1");
  const certificate =
    origin.protocol === "https:"
      ? [await checkServedCertificate("certificate", placeOf(origin, host), timeoutMs)]
      : [];
  const calls = await checkCalls(origin, { ...options, fromPublic: await isPublic(host) });
  return [...findings, ...certificate, ...calls];
}

/** Signaling, media and relays. */
async function checkCalls({ origin }: URL, options: MediaCheckOptions): Promise<Finding[]> {
  const { timeoutMs } = options;
  let visit: DiagnosticVisit;
  try {
    visit = await DiagnosticVisit.begin(origin, timeoutMs);
  } catch (error) {
    return [unreachableSignaling(error)];
  }
  try {
    const roundTripMs = await visit.roundTripMs(roundTrips);
    const transport = await visit.mediaTransport();
    const regions = await visit.regions();
    const [media, relays] = await Promise.all([
      checkMedia(transport, options),
      checkRelays({ transport, regions, timeoutMs }),
    ]);
    return [
      ok(
        "signaling",
        `Signaling speaks protocol ${PROTOCOL_VERSION} and answers in ${inMs(roundTripMs)}.`,
      ),
      ...media,
      ...relays,
    ];
  } catch (error) {
    return [refusedVisit(error)];
  } finally {
    visit.end();
  }
}

function unreachableSignaling(error: unknown): Finding {
  const reason = error instanceof Error ? error.message : String(error);
  return failed(
    "signaling",
    `Signaling can't be reached (${reason}).`,
    "Let the proxy in front pass WebSockets on at /signaling.",
  );
}

function refusedVisit(error: unknown): Finding {
  const reason = error instanceof ProtocolError ? error.code : "no answer";
  const mends: Readonly<Record<string, string>> = {
    "sfu-unavailable": "Start an SFU: look for media workers in the service's log.",
    "server-full": "Raise signaling.rooms and signaling.participants, or start another instance.",
    "rate-limited": "Wait a minute: too many connections came from this address.",
  };
  return failed(
    "signaling",
    `Signaling lets nobody into a call (${reason}).`,
    mends[reason] ?? "Look into the service's log for the reason.",
  );
}

function placeOf(origin: URL, host: string): { host: string; port: number } {
  return { host, port: origin.port === "" ? 443 : Number(origin.port) };
}

/** A name counts by the address that it has. */
async function isPublic(host: string): Promise<boolean> {
  const kind = addressKind(host);
  if (kind !== "name") return kind === "public";
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.some(({ address }) => addressKind(address) === "public");
}
