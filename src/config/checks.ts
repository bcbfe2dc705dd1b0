import { isIP } from "node:net";
import type { ConfigProblem } from "./config-error.ts";
import { EDGES_PER_REGION_MAX, splitEdge, splitEdgeSecret } from "./edge.ts";
import type { Config } from "./schema.ts";

/** What can be right alone and wrong together. */
export function conflictsOf(config: Config): ConfigProblem[] {
  const { http, admin, roles, tls, turn } = config;
  const conflicts: string[] = [];
  const refuse = (when: boolean, message: string) => {
    if (when) conflicts.push(message);
  };
  refuse(
    (tls.certificateFile === undefined) !== (tls.keyFile === undefined),
    "tls.certificateFile and tls.keyFile belong together; give both",
  );
  refuse(
    tls.development && tls.certificateFile !== undefined,
    "tls.development makes a certificate; leave it off when tls.certificateFile gives one",
  );
  refuse(
    http.port !== 0 && http.port === admin.port && overlaps(http.host, admin.host),
    "http.port and admin.port are the same; health and metrics need a port of their own",
  );
  refuse(turn.relayPortMin > turn.relayPortMax, "turn.relayPortMin is above turn.relayPortMax");
  refuse(
    roles.includes("turn") &&
      turn.tlsPort !== undefined &&
      tls.certificateFile === undefined &&
      !tls.development,
    "turn.tlsPort needs a certificate: give tls.certificateFile and tls.keyFile",
  );
  refuse(
    turn.tlsPort !== undefined && turn.tlsPort !== 0 && turn.tlsPort === turn.port,
    "turn.tlsPort and turn.port are the same; TURN over TLS needs a port of its own",
  );
  refuse(
    turn.lifetimeDefaultMs > turn.lifetimeMaxMs,
    "turn.lifetimeDefaultMs is above turn.lifetimeMaxMs",
  );
  refuse(
    roles.includes("signaling") !== roles.includes("sfu"),
    "roles: signaling and sfu must be in the same process; name both or neither",
  );
  refuse(
    !roles.includes("turn") && turn.publicHost !== undefined && turn.secrets === undefined,
    "turn.publicHost names a relay elsewhere; give turn.secrets, which it shares",
  );
  refuse(
    roles.length === 1 && roles[0] === "turn" && turn.secrets === undefined,
    "roles: a relay alone needs turn.secrets; whoever issues credentials has the same",
  );
  conflicts.push(...edgeConflicts(config));
  return conflicts.map((message) => ({ code: "conflict", message }));
}

function edgeConflicts({ region: own, turn }: Config): string[] {
  const regions = turn.edges.map((value) => splitEdge(value).region);
  const known = new Set(regions);
  const withSecrets = new Set(
    (turn.edgeSecrets ?? []).map((value) => splitEdgeSecret(value).region),
  );
  const crowded = [...known].filter((region) => {
    const nodes = regions.filter((other) => other === region).length + (region === own ? 1 : 0);
    return nodes > EDGES_PER_REGION_MAX;
  });
  const open =
    turn.secrets === undefined ? [...known].filter((each) => !withSecrets.has(each)) : [];
  return [
    ...crowded.map(
      (region) => `turn.edges: ${region} has more than ${EDGES_PER_REGION_MAX} relays`,
    ),
    ...open.map((region) => `turn.edges: the relays in ${region} need a secret; give turn.secrets`),
    ...[...withSecrets]
      .filter((region) => !known.has(region))
      .map((region) => `turn.edgeSecrets: turn.edges has no relay in ${region}`),
  ];
}

function overlaps(left: string, right: string): boolean {
  return left === right || [left, right].some((host) => host === "0.0.0.0" || host === "::");
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
