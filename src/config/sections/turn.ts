import { isIP } from "node:net";
import { z } from "zod";
import { edge, EDGES_MAX, edgeSecrets } from "../edge.ts";
import {
  announcedAddress,
  count,
  durationMs,
  hostName,
  ipAddress,
  port,
  secrets,
  setting,
  splitAnnouncedAddress,
  text,
} from "../setting.ts";

const relayPort = z.int().min(1_024).max(65_535);
const realm = text.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,127}$/, {
  error: "must be 1 to 127 printable ASCII characters without space, quote and backslash",
});
const announcedIp = announcedAddress.refine(
  (value) => {
    const { ip, announced = ip } = splitAnnouncedAddress(value);
    return isIP(ip) === isIP(announced);
  },
  { error: "must announce an address of the same family" },
);
const peerRule = text.refine(isPeerRule, {
  error: "must be `address`, `address/bits` or one of them followed by `@port` or `@first-last`",
});
const peerForm = "`range` or `range@ports`";

export const turn = z.strictObject({
  engine: setting(
    z.enum(["builtin", "node-turn", "coturn"]).default("builtin"),
    "What relays. `coturn` has to be installed and carries the most; `node-turn` is for private networks only (docs/turn.md).",
  ),
  coturnProgram: setting(
    text.default("turnserver"),
    "Program of coturn: a path, or a name to look for in the folders where systems put it.",
  ),
  port: setting(port.default(3_478), "TURN and STUN port, UDP and TCP. 0 takes free ones."),
  tlsPort: setting(port.optional(), "Port of TURN over TLS, with the certificate of `tls`.", {
    whenUnset: "no TURN over TLS",
  }),
  addresses: setting(
    z.array(ipAddress).min(1).max(16).optional(),
    "Addresses that TURN listens on.",
    { form: "addresses", whenUnset: "as the media addresses" },
  ),
  relayAddresses: setting(
    z.array(announcedIp).min(1).max(2).optional(),
    "Addresses that relayed media leaves from, one of each family; the first is the default.",
    {
      form: "`address` or `address=announced`",
      whenUnset: "the first media address of each family",
    },
  ),
  relayPortMin: setting(relayPort.default(49_152), "First port for relayed media."),
  relayPortMax: setting(relayPort.default(65_535), "Last port for relayed media."),
  publicHost: setting(
    hostName.optional(),
    "Host that clients are told. TURN over TLS needs the certificate's name here.",
    { whenUnset: "the host of `http.publicUrl`, else the relay's announced address" },
  ),
  realm: setting(realm.default("aparte"), "The realm of RFC 8489."),
  secrets: setting(
    secrets.optional(),
    "Shared secrets of the time-limited credentials. All are accepted, the first one issues; docs/turn.md tells how to change it. Read again on SIGHUP.",
    { secret: true, whenUnset: "made at random when the service starts" },
  ),
  edges: setting(
    z.array(edge).max(EDGES_MAX).default([]),
    "Further relays, on machines of their own: the region of each and where clients reach it. `turn:` without `?transport=` stands for UDP and TCP; `turns:` is TLS.",
    { form: "`region url url …`" },
  ),
  edgeSecrets: setting(
    edgeSecrets.optional(),
    "Shared secrets of the regions whose relays don't share `turn.secrets`, as `region=secret`. The first one of a region issues.",
    { secret: true, form: "`region=secret`", whenUnset: "all relays share `turn.secrets`" },
  ),
  credentialLifetimeMs: setting(
    durationMs.default(43_200_000),
    "How long a client's TURN credential is good for new relays.",
  ),
  allowedPeers: setting(
    z.array(peerRule).max(256).default([]),
    "Further peers that relays may send to. This deployment's own SFU always is one.",
    { form: peerForm },
  ),
  deniedPeers: setting(
    z.array(peerRule).max(256).default([]),
    "Peers that relays may never send to, whatever else allows them.",
    { form: peerForm },
  ),
  otherPeers: setting(
    z.enum(["refuse", "allow-public"]).default("refuse"),
    "Peers that no rule names. `allow-public` makes an open relay to the public Internet; private and special ranges stay closed.",
  ),
  allocations: setting(count.default(1_000), "Relays at one time."),
  allocationsPerCredential: setting(count.default(24), "Relays of one participant."),
  permissionsPerAllocation: setting(count.default(32), "Peer addresses of one relay."),
  channelsPerAllocation: setting(count.default(32), "Channels of one relay."),
  bandwidthBytesPerS: setting(
    z.int().min(1_000).max(1_000_000_000).default(1_500_000),
    "Bytes per second that one relay carries in each direction.",
  ),
  lifetimeDefaultMs: setting(
    durationMs.default(600_000),
    "Life of a relay whose client asks for none (RFC 8656 section 3.2).",
  ),
  lifetimeMaxMs: setting(durationMs.default(3_600_000), "The longest life a client can ask for."),
  allocationAgeMaxMs: setting(
    durationMs.default(86_400_000),
    "A relay ends at this age however often it is refreshed.",
  ),
  drainMs: setting(
    z.int().min(0).max(86_400_000).default(0),
    "How long a relay that stands alone, without the role `sfu`, waits for its relays to end when it is asked to end itself; new ones are refused meanwhile.",
  ),
  nonceLifetimeMs: setting(durationMs.default(600_000), "Life of an authentication nonce."),
  connections: setting(count.default(2_000), "TCP and TLS connections at one time."),
  connectionsPerAddress: setting(count.default(100), "Of them from one address."),
  connectionIdleMs: setting(
    durationMs.default(30_000),
    "A connection without a relay is cut off after this time.",
  ),
  sendQueueBytes: setting(
    z.int().min(4_096).max(67_108_864).default(262_144),
    "Bytes that may wait on one connection; what exceeds them is dropped.",
  ),
  requestsPerS: setting(count.default(100), "Requests a second of one client that has a relay."),
  unauthenticatedPerS: setting(
    count.default(100),
    "Answers a second to one source network for requests that prove nothing.",
  ),
});

function isPeerRule(value: string): boolean {
  const match = /^([\da-f.:]+)(?:\/(\d{1,3}))?(?:@(\d{1,5})(?:-(\d{1,5}))?)?$/i.exec(value);
  if (match === null) return false;
  const [, address = "", bits, first, last = first] = match;
  if (!ipAddress.safeParse(address).success) return false;
  if (bits !== undefined && Number(bits) > (address.includes(":") ? 128 : 32)) return false;
  return first === undefined || (Number(first) <= Number(last) && Number(last) <= 65_535);
}

/** Takes a valid rule apart; `range` is an address or a CIDR range. */
export function splitPeerRule(rule: string): {
  range: string;
  ports?: { min: number; max: number };
} {
  const [range = "", ports] = rule.split("@");
  if (ports === undefined) return { range };
  const [min = "", max = min] = ports.split("-");
  return { range, ports: { min: Number(min), max: Number(max) } };
}
