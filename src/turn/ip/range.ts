import type { Address } from "./address.ts";
import { parseAddress } from "./address.ts";

/** All addresses of one family that share a prefix. */
export interface AddressRange {
  readonly net: Address;
  readonly masks: readonly [number, number, number, number];
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a single address; undefined when it is none of these. */
export function parseRange(text: string): AddressRange | undefined {
  const [base = "", prefix, ...rest] = text.split("/");
  const address = parseAddress(base);
  if (address === undefined || rest.length > 0) return undefined;
  const width = address.family === 4 ? 32 : 128;
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = prefix === undefined ? width : Number(prefix);
  if (bits > width) return undefined;
  const masks = [maskWord(bits), maskWord(bits - 32), maskWord(bits - 64), maskWord(bits - 96)];
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0] = masks;
  return {
    net: {
      family: address.family,
      w0: (address.w0 & m0) >>> 0,
      w1: (address.w1 & m1) >>> 0,
      w2: (address.w2 & m2) >>> 0,
      w3: (address.w3 & m3) >>> 0,
    },
    masks: [m0, m1, m2, m3],
  };
}

/** For ranges written in this source: a mistake there must not go unseen. */
export function rangeOf(text: string): AddressRange {
  const range = parseRange(text);
  if (range === undefined) throw new TypeError(`not an address range: ${text}`);
  return range;
}

export function inRange(range: AddressRange, address: Address): boolean {
  const { net, masks } = range;
  return (
    net.family === address.family &&
    (address.w0 & masks[0]) >>> 0 === net.w0 &&
    (address.w1 & masks[1]) >>> 0 === net.w1 &&
    (address.w2 & masks[2]) >>> 0 === net.w2 &&
    (address.w3 & masks[3]) >>> 0 === net.w3
  );
}

function maskWord(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}
