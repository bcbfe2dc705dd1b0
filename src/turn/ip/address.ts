import { isIPv4, isIPv6, SocketAddress } from "node:net";

/**
 * An IP address as numbers, so that the data path compares addresses without making strings.
 * IPv4 uses `w0` alone and leaves the others zero. Each word is an unsigned 32-bit integer in
 * network order.
 */
export interface Address {
  family: 4 | 6;
  w0: number;
  w1: number;
  w2: number;
  w3: number;
}

/** A transport address. Mutable, because the wire reader fills the same one again and again. */
export interface Endpoint extends Address {
  port: number;
}

export function emptyEndpoint(): Endpoint {
  return { family: 4, w0: 0, w1: 0, w2: 0, w3: 0, port: 0 };
}

/** The address that `text` writes, or undefined. A zone (`%eth0`) is not part of the address. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, w0: wordOfIPv4(text), w1: 0, w2: 0, w3: 0 };
  const bare = text.split("%", 1)[0] ?? "";
  if (!isIPv6(bare)) return undefined;
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = wordsOfIPv6(bare);
  return { family: 6, w0, w1, w2, w3 };
}

/** Undefined when `address` is no IP address. */
export function parseEndpoint(address: string, port: number): Endpoint | undefined {
  const parsed = parseAddress(address);
  return parsed === undefined ? undefined : { ...parsed, port };
}

/** The same spelling that Node gives to the sender of a datagram, so that it can be a map's key. */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    const { w0 } = address;
    return `${w0 >>> 24}.${(w0 >>> 16) & 255}.${(w0 >>> 8) & 255}.${w0 & 255}`;
  }
  const groups = [address.w0, address.w1, address.w2, address.w3]
    .flatMap((word) => [word >>> 16, word & 0xffff])
    .map((group) => group.toString(16));
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.w0 === b.w0 && a.w1 === b.w1 && a.w2 === b.w2 && a.w3 === b.w3;
}

/** `0.0.0.0` and `::`, however they are written: all addresses of the machine. */
export function isWildcard({ w0, w1, w2, w3 }: Address): boolean {
  return w0 === 0 && w1 === 0 && w2 === 0 && w3 === 0;
}

function wordOfIPv4(text: string): number {
  return text.split(".").reduce((word, part) => ((word << 8) | Number(part)) >>> 0, 0);
}

function wordsOfIPv6(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  const groups = [...before, ...zeros, ...after];
  return [0, 2, 4, 6].map((at) => (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0);
}

/** 16-bit groups; a dotted IPv4 tail counts as two. */
function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const word = wordOfIPv4(part);
    return [word >>> 16, word & 0xffff];
  });
}
