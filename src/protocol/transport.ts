import { z } from "zod";
import { transportId } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/** Printable ASCII: a line break could smuggle lines into the other side's session description. */
const text = z
  .string()
  .max(LIMITS.textCharacters)
  .regex(/^[\x20-\x7e]*$/, "expected printable ASCII");

/** A participant has one transport to send on and one to receive on. */
export const transportDirection = z.enum(["send", "receive"]);
export type TransportDirection = z.infer<typeof transportDirection>;

/** ICE credentials of the server's side (RFC 8445 section 5.3). */
export const iceParameters = z.strictObject({
  usernameFragment: text,
  password: text,
  iceLite: z.boolean().exactOptional(),
});
export type IceParameters = z.infer<typeof iceParameters>;

export const iceCandidate = z.strictObject({
  foundation: text,
  priority: z.int().min(0).max(0xffff_ffff),
  address: text,
  /** The same as `address`, for clients that read the older name. */
  ip: text,
  protocol: z.enum(["udp", "tcp"]),
  port: z.int().min(1).max(65_535),
  type: z.enum(["host", "srflx", "prflx", "relay"]),
  tcpType: z.enum(["active", "passive", "so"]).exactOptional(),
});
export type IceCandidate = z.infer<typeof iceCandidate>;

export const dtlsParameters = z.strictObject({
  role: z.enum(["auto", "client", "server"]).exactOptional(),
  /** Hashes of the certificate (RFC 8122 section 5), upper or lower case hexadecimal. */
  fingerprints: z
    .array(
      z.strictObject({
        algorithm: z.enum(["sha-1", "sha-224", "sha-256", "sha-384", "sha-512"]),
        value: text,
      }),
    )
    .min(1)
    .max(LIMITS.fingerprints),
});
export type DtlsParameters = z.infer<typeof dtlsParameters>;

/** A STUN or TURN server with credentials that expire, as RTCPeerConnection takes it. */
export const iceServer = z.strictObject({
  urls: z.array(text).min(1).max(8),
  username: text.exactOptional(),
  credential: text.exactOptional(),
});
export type IceServer = z.infer<typeof iceServer>;

/**
 * A name that the operator gives to a place where servers stand. The nodes of one region are near
 * to each other.
 */
export const regionName = z
  .string()
  .max(LIMITS.regionCharacters)
  .regex(/^[A-Za-z\d][\w-]*$/, "expected letters, digits, hyphens and underscores");
export type RegionName = z.infer<typeof regionName>;

/** A place from which media can be relayed. */
export const edgeRegion = z.strictObject({
  region: regionName,
  iceServers: z.array(iceServer).min(1).max(LIMITS.iceServers),
});
export type EdgeRegion = z.infer<typeof edgeRegion>;

export const transportDescription = z.strictObject({
  transportId,
  iceParameters,
  iceCandidates: z.array(iceCandidate).max(LIMITS.iceCandidates),
  dtlsParameters,
});
export type TransportDescription = z.infer<typeof transportDescription>;
