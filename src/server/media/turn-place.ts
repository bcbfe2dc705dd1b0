import type { Config, Secret } from "../../config/index.ts";
import type { TurnTransport } from "../../turn/turn-options.ts";
import type { TurnPlace } from "./ice-servers.ts";
import type { RunningTurn } from "./start-turn.ts";

/**
 * The relay of this process, else the one elsewhere that `turn.publicHost` names, which has the
 * same secret and ports. Undefined when there is none.
 */
export function turnPlace(
  config: Config,
  running: RunningTurn | undefined,
  secrets: readonly Secret[],
): TurnPlace | undefined {
  const [secret] = secrets;
  const { publicHost, port, tlsPort } = config.turn;
  if (secret === undefined) return undefined;
  if (running !== undefined) {
    const host = publicHost ?? urlHost(config.http.publicUrl) ?? relayHost(running);
    return host === undefined ? undefined : { host, secret, ports: boundPorts(running) };
  }
  if (publicHost === undefined) return undefined;
  const ports = new Map<TurnTransport, number>([
    ["udp", port],
    ["tcp", port],
  ]);
  if (tlsPort !== undefined) ports.set("tls", tlsPort);
  return { host: publicHost, secret, ports };
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
