import type { TurnListenerOptions, TurnOptions } from "../turn-options.ts";
import { isNamed, peerLists } from "./peer-lists.ts";

/** Files that the configuration names; all lie in one folder that only we can read. */
export interface CoturnFiles {
  readonly config: string;
  readonly database: string;
  readonly pid: string;
  readonly certificate: string;
  readonly key: string;
}

/** The text of a `turnserver.conf`. Holds no secret: those lie in the database. */
export function coturnConfig(
  options: TurnOptions,
  listeners: readonly TurnListenerOptions[],
  files: CoturnFiles,
): string {
  const lines = [
    ...listenerLines(listeners, files),
    ...relayLines(options.relay),
    ...policyLines(options),
    ...limitLines(options.limits),
    "use-auth-secret",
    `realm=${options.realm}`,
    `userdb=${files.database}`,
    "no-dynamic-realms",
    "no-dynamic-ip-list",
    // Answers that are larger than their questions would make a reflector of it.
    "no-rfc5780",
    "no-stun-backward-compatibility",
    "response-origin-only-with-rfc5780",
    "no-software-attribute",
    "fingerprint",
    "no-cli",
    `pidfile=${files.pid}`,
    // To us alone and never to a disk: we count what it says.
    "log-file=stdout",
    "verbose",
  ];
  return `${lines.join("\n")}\n`;
}

function listenerLines(listeners: readonly TurnListenerOptions[], files: CoturnFiles): string[] {
  const plain = listeners.find(({ protocol }) => protocol !== "tls");
  const tls = listeners.find(({ protocol }) => protocol === "tls");
  const addresses = [...new Set(listeners.map(({ address }) => address))].filter(isNamed);
  const lines = addresses.map((address) => `listening-ip=${address}`);
  if (plain !== undefined) lines.push(`listening-port=${plain.port}`);
  for (const protocol of ["udp", "tcp"] as const) {
    if (!listeners.some((each) => each.protocol === protocol)) lines.push(`no-${protocol}`);
  }
  lines.push("no-dtls");
  if (tls === undefined) return [...lines, "no-tls"];
  return [
    ...lines,
    `tls-listening-port=${tls.port}`,
    `cert=${files.certificate}`,
    `pkey=${files.key}`,
    "no-tlsv1",
    "no-tlsv1_1",
  ];
}

function relayLines({ addresses, ports }: TurnOptions["relay"]): string[] {
  return [
    ...addresses.map(({ address }) => `relay-ip=${address}`),
    ...addresses.flatMap(({ address, external }) =>
      external === undefined ? [] : [`external-ip=${external}/${address}`],
    ),
    `min-port=${ports.min}`,
    `max-port=${ports.max}`,
    "no-tcp-relay",
  ];
}

function policyLines(options: TurnOptions): string[] {
  const { allowed, denied, loopback } = peerLists(options);
  return [
    "no-multicast-peers",
    ...(loopback ? ["allow-loopback-peers"] : []),
    ...allowed.map((range) => `allowed-peer-ip=${range}`),
    ...denied.map((range) => `denied-peer-ip=${range}`),
  ];
}

function limitLines(limits: TurnOptions["limits"]): string[] {
  return [
    `total-quota=${limits.allocations}`,
    `user-quota=${limits.allocationsPerCredential}`,
    `max-bps=${limits.bandwidthBytesPerS}`,
    `max-allocate-lifetime=${Math.max(1, Math.round(limits.lifetimeMaxMs / 1_000))}`,
    `stale-nonce=${Math.max(1, Math.round(limits.nonceLifetimeMs / 1_000))}`,
  ];
}
