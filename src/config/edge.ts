import { z } from "zod";
import { Secret } from "./secret.ts";
import {
  hostName,
  regionName,
  SECRET_CHARACTERS_MAX,
  SECRET_CHARACTERS_MIN,
  text,
} from "./setting.ts";

/** So that the own region and these are as many as the protocol can tell. */
export const EDGES_MAX = 31;
/** A client makes a relay at each node of its region. */
export const EDGES_PER_REGION_MAX = 4;
const URLS_MAX = 4;

export interface Edge {
  readonly region: string;
  /** As RFC 7065 has them, each with its transport. */
  readonly urls: readonly string[];
}

export interface EdgeSecret {
  readonly region: string;
  readonly secret: Secret;
}

export const edge = text.refine((value) => readEdge(value) !== undefined, {
  error:
    "must be `region url url …`, as in `eu turn:turn.example.org:3478 turns:turn.example.org:5349`",
});

export const edgeSecrets = z
  .array(
    z
      .string()
      .min(SECRET_CHARACTERS_MIN)
      .max(SECRET_CHARACTERS_MAX)
      .refine((value) => readEdgeSecret(value) !== undefined, {
        error: `must be \`region=secret\`, with ${SECRET_CHARACTERS_MIN} characters of secret at least`,
      })
      .transform((value) => new Secret(value)),
  )
  .min(1)
  .max(64);

/** Takes a valid edge apart. */
export function splitEdge(value: string): Edge {
  return readEdge(value) ?? { region: "", urls: [] };
}

function readEdge(value: string): Edge | undefined {
  const [region = "", ...given] = value.trim().split(/\s+/);
  if (!regionName.safeParse(region).success) return undefined;
  const urls = given.map(readUrl);
  const read = urls.filter((url) => url !== undefined).flat();
  const fits = !urls.includes(undefined) && read.length > 0 && read.length <= URLS_MAX;
  return fits ? { region, urls: read } : undefined;
}

/** `turn:host`, `turns:host`, with `:port` and with `?transport=`: RFC 7065 section 3.1. */
function readUrl(url: string): string[] | undefined {
  const match =
    /^(turns?):(\[[\da-f:.]+\]|[^:[\]?]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i.exec(url);
  if (match === null) return undefined;
  const [, scheme = "", host = "", portText, given] = match;
  const isSecure = scheme.toLowerCase() === "turns";
  const port = Number(portText ?? (isSecure ? 5_349 : 3_478));
  const isHost = hostName.safeParse(host.replace(/^\[(.*)\]$/, "$1")).success;
  if (!isHost || port < 1 || port > 65_535) return undefined;
  // TURN over DTLS is spoken by no browser.
  if (isSecure && given === "udp") return undefined;
  const transports = isSecure ? ["tcp"] : given === undefined ? ["udp", "tcp"] : [given];
  return transports.map(
    (transport) => `${scheme.toLowerCase()}:${host}:${port}?transport=${transport.toLowerCase()}`,
  );
}

/** Takes a valid `region=secret` apart. */
export function splitEdgeSecret(value: Secret): EdgeSecret {
  return readEdgeSecret(value.reveal()) ?? { region: "", secret: new Secret("") };
}

function readEdgeSecret(value: string): EdgeSecret | undefined {
  const match = /^([^=]+)=(.*)$/s.exec(value);
  const [, region = "", secret = ""] = match ?? [];
  const fits = regionName.safeParse(region).success && secret.length >= SECRET_CHARACTERS_MIN;
  return fits ? { region, secret: new Secret(secret) } : undefined;
}
