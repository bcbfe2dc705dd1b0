import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { EdgeRegion, TransportDescription } from "../../protocol/index.ts";
import { TurnClientError } from "../../turn/client/client-error.ts";
import { echoThroughRelay } from "../../turn/client/ice-echo.ts";
import type { TurnAccount } from "../../turn/client/turn-client.ts";
import { TurnClient } from "../../turn/client/turn-client.ts";
import type { Endpoint } from "../../turn/ip/address.ts";
import { formatAddress, parseEndpoint } from "../../turn/ip/address.ts";
import { addressKind } from "./address-kind.ts";
import type { DoctorCheck, Finding } from "./finding.ts";
import { failed, ok, warning } from "./finding.ts";
import type { IceUrl } from "./ice-url.ts";
import { hostAndPort, parseIceUrl } from "./ice-url.ts";
import { inMs } from "./media-check.ts";
import { relayRefusal } from "./relay-refusal.ts";

const questionsEach = 5;
const wayNames = { udp: "UDP", tcp: "TCP", tls: "TLS" } as const;

export interface RelayCheckInput {
  readonly regions: readonly EdgeRegion[];
  /** Where the data goes that is sent through each relay. */
  readonly transport: TransportDescription;
  readonly timeoutMs: number;
}

interface Relay extends IceUrl {
  readonly region: string;
  readonly account: TurnAccount;
}

/** Each relay that clients are told, over each transport: an allocation, and data there and back. */
export async function checkRelays(input: RelayCheckInput): Promise<Finding[]> {
  const relays = input.regions.flatMap(relaysOf);
  if (relays.length === 0) {
    return [
      warning(
        "relay",
        "There is no relay: who is behind a strict firewall can't call.",
        "Add `turn` to roles, or name the relay elsewhere with turn.publicHost and turn.secretsFile.",
      ),
    ];
  }
  const findings: Finding[] = await Promise.all(
    relays.map(async (relay) => ({ ...(await checkRelay(relay, input)), region: relay.region })),
  );
  if (!relays.some(({ transport }) => transport === "tls")) {
    findings.push(withoutTls);
  }
  return findings;
}

const withoutTls = warning(
  "relay.tls",
  "No relay speaks TLS: networks that let nothing else out can't call.",
  "Set turn.tlsPort, with a certificate in tls.certificateFile.",
);

function relaysOf({ region, iceServers }: EdgeRegion): Relay[] {
  return iceServers.flatMap(({ urls, username = "", credential = "" }) =>
    urls.flatMap((text) => {
      const url = parseIceUrl(text);
      if (url?.isRelay !== true) return [];
      return [{ ...url, region, account: { username, password: credential } }];
    }),
  );
}

async function checkRelay(relay: Relay, input: RelayCheckInput): Promise<Finding> {
  const check = `relay.${relay.transport}` as const;
  const way = wayNames[relay.transport];
  const place = `the relay ${hostAndPort(relay.host, relay.port)}`;
  let client: TurnClient | undefined;
  try {
    client = await TurnClient.open(relay, relay.account, input.timeoutMs);
    if (client.certificateProblem !== undefined) {
      return failed(
        check,
        `Browsers refuse the certificate of ${place} (${client.certificateProblem}).`,
        `Use one that names ${relay.host} and that an authority has signed, or set turn.publicHost to a name that it has.`,
      );
    }
    return await throughRelay(client, relay, { ...input, check, place: `${place} over ${way}` });
  } catch (error) {
    if (!(error instanceof TurnClientError)) throw error;
    return relayRefusal({ check, way, place, port: relay.port, error });
  } finally {
    await client?.leave();
  }
}

interface RelayTrial extends RelayCheckInput {
  readonly check: DoctorCheck;
  /** For sentences. */
  readonly place: string;
}

async function throughRelay(
  client: TurnClient,
  { host }: Relay,
  { transport, timeoutMs, check, place }: RelayTrial,
): Promise<Finding> {
  const peer = await peerOf(transport);
  const { relayed } = await client.allocate(peer.family);
  const options = { count: questionsEach, timeoutMs };
  const { bySend, byChannel } = await echoThroughRelay(
    client,
    peer,
    transport.iceParameters,
    options,
  );
  const roundTripMs = byChannel.roundTripMs ?? bySend.roundTripMs;
  if (roundTripMs === undefined) return mute(check, place, peer);
  const sent = bySend.sent + byChannel.sent;
  const answered = bySend.answered + byChannel.answered;
  if (answered < sent) {
    return warning(
      check,
      `Through ${place}, ${sent - answered} of ${sent} packets got lost.`,
      "Look for a full line at the relay, and at turn.bandwidthBytesPerS.",
    );
  }
  return (
    hiddenRelay(check, place, host, formatAddress(relayed)) ??
    ok(
      check,
      `Through ${place}, ${answered} of ${sent} packets came back, in ${inMs(roundTripMs)}.`,
    )
  );
}

function mute(check: DoctorCheck, place: string, peer: Endpoint): Finding {
  return failed(
    check,
    `Addresses are given out by ${place}, but nothing comes back through it from ${hostAndPort(formatAddress(peer), peer.port)}.`,
    "Let the relay's machine send UDP from turn.relayPortMin to turn.relayPortMax to the media port, and back.",
  );
}

/** An address that works here, next to the relay, may be worth nothing elsewhere. */
function hiddenRelay(
  check: DoctorCheck,
  place: string,
  host: string,
  relayed: string,
): Finding | undefined {
  if (addressKind(host) !== "public" || addressKind(relayed) === "public") return undefined;
  return warning(
    check,
    `What is given out by ${place} is ${relayed}, which only its own network knows.`,
    "Set turn.relayAddresses to `address=public address`, as behind a 1:1 NAT.",
  );
}

/** The first UDP address for media: relays send nothing but UDP. */
async function peerOf({ iceCandidates }: TransportDescription): Promise<Endpoint> {
  const candidate = iceCandidates.find(({ protocol }) => protocol === "udp");
  if (candidate === undefined) {
    throw new TurnClientError("unreachable", "the media server takes no UDP");
  }
  const { address, port } = candidate;
  const literal = isIP(address) === 0 ? await addressOf(address) : address;
  const endpoint = parseEndpoint(literal, port);
  if (endpoint === undefined) throw new TurnClientError("bad-answer", "no media address");
  return endpoint;
}

async function addressOf(name: string): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch {
    throw new TurnClientError("unreachable", `the media server's name ${name} has no address`);
  }
}
