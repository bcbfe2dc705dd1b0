import type { IncomingMessage } from "node:http";
import { isIP, isIPv6 } from "node:net";

/**
 * Where a request came from. Behind `trustedProxies` proxies that is the entry of X-Forwarded-For
 * which the outermost of them wrote; what stands before it came from the client and may be a lie.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const direct = plain(request.socket.remoteAddress ?? "");
  if (trustedProxies === 0) return direct;
  const header = request.headers["x-forwarded-for"];
  const hops = (Array.isArray(header) ? header.join(",") : (header ?? ""))
    .split(",")
    .map((hop) => plain(hop.trim()));
  const hop = hops.at(-trustedProxies);
  return hop !== undefined && isIP(hop) !== 0 ? hop : direct;
}

/** What limits count by: whoever has an IPv6 address has 2^64 of them, all in one /64 network. */
export function addressKey(address: string): string {
  return isIPv6(address) ? groups(address).slice(0, 4).join(":") : address;
}

/** An IPv4 address that arrives at an IPv6 socket comes mapped (RFC 4291 section 2.5.5.2). */
function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}

/** The groups of an IPv6 address with `::` written out, without leading zeros. */
function groups(address: string): string[] {
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const zeros = new Array<string>(missing).fill("0");
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ""));
}
