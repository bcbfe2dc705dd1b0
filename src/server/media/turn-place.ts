import { isIPv6 } from "node:net";
import { type Config, type Secret, splitEdge, splitEdgeSecret } from "../../config/index.ts";
import type { TurnTransport } from "../../turn/turn-options.ts";
import type { RunningTurn } from "./start-turn.ts";

/** What clients are told of one relay. */
export interface TurnPlace {
  readonly region: string;
  /** As RFC 7065 has them. */
  readonly urls: readonly string[];
  /** Credentials are issued with it. */
  readonly secret: Secret;
}

/**
 * All relays of the deployment, the own region's first: the relay of this process, or the one
 * elsewhere that `turn.publicHost` names, and those of `turn.edges`.
 */
export function turnPlaces(
  config: Config,
  running: RunningTurn | undefined,
  secrets: readonly Secret[],
): TurnPlace[] {
  const own = ownPlace(config, running, secrets);
  const edges = edgePlaces(config, secrets);
  const isNear = ({ region }: TurnPlace) => region === config.region;
  return [
    ...(own === undefined ? [] : [own]),
    ...edges.filter(isNear),
    ...edges.filter((place) => !isNear(place)),
  ];
}

function ownPlace(
  config: Config,
  running: RunningTurn | undefined,
  secrets: readonly Secret[],
): TurnPlace | undefined {
  const [secret] = secrets;
  const { region, turn } = config;
  if (secret === undefined) return undefined;
  if (running !== undefined) {
    const host = turn.publicHost ?? urlHost(config.http.publicUrl) ?? relayHost(running);
    return host === undefined
      ? undefined
      : { region, urls: urls(host, boundPorts(running)), secret };
  }
  if (turn.publicHost === undefined) return undefined;
  const ports = new Map<TurnTransport, number>([
    ["udp", turn.port],
    ["tcp", turn.port],
  ]);
  if (turn.tlsPort !== undefined) ports.set("tls", turn.tlsPort);
  return { region, urls: urls(turn.publicHost, ports), secret };
}

function edgePlaces({ turn }: Config, [shared]: readonly Secret[]): TurnPlace[] {
  const ownSecrets = (turn.edgeSecrets ?? []).map(splitEdgeSecret);
  return turn.edges.map(splitEdge).flatMap((edge) => {
    const own = ownSecrets.find(({ region }) => region === edge.region);
    const secret = own?.secret ?? shared;
    return secret === undefined ? [] : [{ ...edge, secret }];
  });
}

function urlHost(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
}

function relayHost({ relays: [first] }: RunningTurn): string | undefined {
  return first?.announced ?? first?.ip;
}

function boundPorts({ addresses }: RunningTurn): Map<TurnTransport, number> {
  const ports = new Map<TurnTransport, number>();
  for (const { protocol, port } of addresses.listeners) {
    if (!ports.has(protocol)) ports.set(protocol, port);
  }
  return ports;
}

function urls(host: string, ports: ReadonlyMap<TurnTransport, number>): string[] {
  return [...ports].map(([transport, port]) => turnUrl(transport, host, port));
}

/** RFC 7065. */
function turnUrl(transport: TurnTransport, host: string, port: number): string {
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (transport === "tls") return `turns:${authority}?transport=tcp`;
  return `turn:${authority}?transport=${transport}`;
}
