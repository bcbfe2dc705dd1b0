import { rangeOf } from "./range.ts";

/**
 * Addresses that are no single host, or that hide an IPv4 address inside an IPv6 one. No rule
 * opens them: who means the IPv4 address lists the IPv4 address.
 */
export const neverRanges = [
  { range: rangeOf("0.0.0.0/8"), refusal: "unspecified" },
  { range: rangeOf("224.0.0.0/4"), refusal: "multicast" },
  { range: rangeOf("255.255.255.255"), refusal: "broadcast" },
  { range: rangeOf("::"), refusal: "unspecified" },
  { range: rangeOf("ff00::/8"), refusal: "multicast" },
  // IPv4-mapped (RFC 4291), IPv4-translated (RFC 2765), NAT64 (RFC 6052, RFC 8215), 6to4, Teredo.
  { range: rangeOf("::ffff:0:0/96"), refusal: "embedded-ipv4" },
  { range: rangeOf("::ffff:0:0:0/96"), refusal: "embedded-ipv4" },
  { range: rangeOf("64:ff9b::/96"), refusal: "embedded-ipv4" },
  { range: rangeOf("64:ff9b:1::/48"), refusal: "embedded-ipv4" },
  { range: rangeOf("2002::/16"), refusal: "embedded-ipv4" },
  { range: rangeOf("2001::/32"), refusal: "embedded-ipv4" },
] as const;

/** Not on the public Internet (the IANA special-purpose registries): open only if a rule lists them. */
export const specialRanges = [
  { range: rangeOf("127.0.0.0/8"), refusal: "loopback" },
  { range: rangeOf("::1"), refusal: "loopback" },
  // Clouds serve the credentials of a machine to it on 169.254.169.254 and fd00:ec2::254.
  { range: rangeOf("169.254.0.0/16"), refusal: "link-local" },
  { range: rangeOf("fe80::/10"), refusal: "link-local" },
  { range: rangeOf("10.0.0.0/8"), refusal: "private" },
  { range: rangeOf("172.16.0.0/12"), refusal: "private" },
  { range: rangeOf("192.168.0.0/16"), refusal: "private" },
  // Carrier-grade NAT (RFC 6598); some clouds serve metadata inside it.
  { range: rangeOf("100.64.0.0/10"), refusal: "private" },
  { range: rangeOf("fc00::/7"), refusal: "private" },
  { range: rangeOf("fec0::/10"), refusal: "private" },
  { range: rangeOf("192.0.0.0/24"), refusal: "reserved" },
  { range: rangeOf("192.0.2.0/24"), refusal: "reserved" },
  { range: rangeOf("192.88.99.0/24"), refusal: "reserved" },
  { range: rangeOf("198.18.0.0/15"), refusal: "reserved" },
  { range: rangeOf("198.51.100.0/24"), refusal: "reserved" },
  { range: rangeOf("203.0.113.0/24"), refusal: "reserved" },
  { range: rangeOf("240.0.0.0/4"), refusal: "reserved" },
  { range: rangeOf("100::/64"), refusal: "reserved" },
  { range: rangeOf("2001:db8::/32"), refusal: "reserved" },
  { range: rangeOf("3fff::/20"), refusal: "reserved" },
  { range: rangeOf("5f00::/16"), refusal: "reserved" },
  // IPv4-compatible addresses (RFC 4291, deprecated) and the rest of the reserved first block.
  { range: rangeOf("::/8"), refusal: "reserved" },
] as const;
