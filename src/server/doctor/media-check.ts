import type { IceCandidate, TransportDescription } from "../../protocol/index.ts";
import { TurnClientError } from "../../turn/client/client-error.ts";
import type { Echo } from "../../turn/client/ice-echo.ts";
import { echoDirectly } from "../../turn/client/ice-echo.ts";
import { localAddresses } from "../local-addresses.ts";
import { addressKind } from "./address-kind.ts";
import type { DoctorCheck, Finding } from "./finding.ts";
import { failed, ok, warning } from "./finding.ts";
import { hostAndPort } from "./ice-url.ts";

const questions = 5;

const names = { udp: "UDP", tcp: "TCP" } as const;

export interface MediaCheckOptions {
  /** Signaling was reached at a public address, so media must be, too. */
  readonly fromPublic: boolean;
  /** The examination runs on the machine itself, which may not reach its own public address. */
  readonly fromInside: boolean;
  readonly timeoutMs: number;
}

/** Each address that clients are told for media: a question to it that only the SFU can answer. */
export async function checkMedia(
  transport: TransportDescription,
  { fromPublic, fromInside, timeoutMs }: MediaCheckOptions,
): Promise<Finding[]> {
  const findings = await Promise.all(
    transport.iceCandidates.map((candidate) =>
      checkCandidate(candidate, transport, { fromInside, timeoutMs }),
    ),
  );
  const addresses = new Set(transport.iceCandidates.map(({ address }) => address));
  const reachable = [...addresses].some((address) =>
    ["public", "name"].includes(addressKind(address)),
  );
  if (fromPublic && !reachable) {
    findings.unshift(
      failed(
        "media.address",
        `Clients are told to send media to ${[...addresses].join(", ")}, which only their own network knows.`,
        "Set sfu.addresses to `address=public address`, as behind a 1:1 NAT.",
      ),
    );
  }
  return findings;
}

async function checkCandidate(
  { protocol, address, port }: IceCandidate,
  { iceParameters }: TransportDescription,
  { fromInside, timeoutMs }: Omit<MediaCheckOptions, "fromPublic">,
): Promise<Finding> {
  const check = `media.${protocol}` as const;
  const way = `${hostAndPort(address, port)} over ${names[protocol]}`;
  const silent = (reason: string) =>
    fromInside && !isOwn(address)
      ? warning(
          check,
          `From this machine itself media does not reach ${way} (${reason}).`,
          "Ask from another machine, by `aparte doctor URL`: many routers lead nobody back to himself.",
        )
      : failed(
          check,
          `Media does not reach ${way} (${reason}).`,
          `Open ${names[protocol]} port ${port} to ${address} in the firewall, and in the cloud's.`,
        );
  try {
    const target = { transport: protocol, host: address, port };
    const echo = await echoDirectly(target, iceParameters, { count: questions, timeoutMs });
    return echoed(check, way, echo) ?? silent("no answer came");
  } catch (error) {
    if (!(error instanceof TurnClientError)) throw error;
    return silent(error.message);
  }
}

/** An address of this machine, or one that leads to it wherever it is asked for. */
function isOwn(address: string): boolean {
  return addressKind(address) === "loopback" || localAddresses().includes(address);
}

function echoed(check: DoctorCheck, way: string, echo: Echo): Finding | undefined {
  if (echo.roundTripMs === undefined) return undefined;
  const text = `Media reaches ${way} and comes back in ${inMs(echo.roundTripMs)}`;
  if (echo.answered === echo.sent) return ok(check, `${text}.`);
  return warning(
    check,
    `${text}, but of ${echo.sent} questions ${echo.sent - echo.answered} stayed without an answer.`,
    "Look for a line that is full or loses packets between here and the server.",
  );
}

export function inMs(durationMs: number): string {
  return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`;
}
