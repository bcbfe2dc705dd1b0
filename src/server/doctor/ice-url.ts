import type { TurnTransport } from "../../turn/turn-options.ts";

export interface IceUrl {
  readonly isRelay: boolean;
  readonly transport: TurnTransport;
  readonly host: string;
  readonly port: number;
}

const form =
  /^(stuns?|turns?):(\[[\da-f:.]+\]|[^:[\]?]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i;

/** The address of a STUN or TURN server (RFC 7064, RFC 7065); undefined when it is none. */
export function parseIceUrl(url: string): IceUrl | undefined {
  const [, scheme, host, port, transport] = form.exec(url) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  const isSecure = /s$/i.test(scheme);
  return {
    isRelay: /^turn/i.test(scheme),
    transport: isSecure ? "tls" : transport?.toLowerCase() === "tcp" ? "tcp" : "udp",
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: port === undefined ? (isSecure ? 5_349 : 3_478) : Number(port),
  };
}

export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
