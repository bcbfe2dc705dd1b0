import { isIPv6 } from "node:net";
import { type Config, isLoopback } from "../config/index.ts";
import { localAddresses } from "./local-addresses.ts";

export interface Origins {
  /** What a browser on this machine, or behind the public address, opens. */
  readonly main: string;
  /** Where other machines of the network reach it. Empty while it listens on loopback only. */
  readonly network: readonly string[];
  /** Where a link leads that may be sent on: where other machines find a call, too, if they can. */
  readonly invitation: string;
}

/** `port` is the one that was bound. */
export function originsOf({ http, tls }: Config, port: number): Origins {
  const scheme = tls.development || tls.certificateFile !== undefined ? "https" : "http";
  const wildcard = http.host === "0.0.0.0" || http.host === "::";
  const own = wildcard || isLoopback(http.host) ? "localhost" : http.host;
  const network = wildcard ? localAddresses() : isLoopback(http.host) ? [] : [http.host];
  const main = http.publicUrl ?? originAt(scheme, own, port);
  const others = network.map((host) => originAt(scheme, host, port));
  // Without HTTPS browsers give no camera away from localhost, so a link there would lead to no call.
  const sharable = http.publicUrl === undefined && scheme === "https" ? others[0] : undefined;
  return { main, network: others, invitation: sharable ?? main };
}

/** As browsers write it: without the scheme's own port. */
export function originAt(scheme: "http" | "https", host: string, port: number): string {
  return new URL(`${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`).origin;
}
