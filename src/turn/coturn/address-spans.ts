import type { Address } from "../ip/address.ts";
import { formatAddress } from "../ip/address.ts";
import type { AddressRange } from "../ip/range.ts";

/** All addresses of one family from `first` to `last`, as numbers. */
export interface AddressSpan {
  readonly first: bigint;
  readonly last: bigint;
}

export type Family = 4 | 6;

const widths: Record<Family, bigint> = { 4: 32n, 6: 128n };

export function wholeSpan(family: Family): AddressSpan {
  return { first: 0n, last: (1n << widths[family]) - 1n };
}

export function spanOf({ net, masks }: AddressRange): AddressSpan {
  const first = numberOf(net);
  const [m0, m1, m2, m3] = masks;
  const mask = numberOf({ family: net.family, w0: m0, w1: m1, w2: m2, w3: m3 });
  return { first, last: first | (wholeSpan(net.family).last ^ mask) };
}

/** What is left of `spans` without `taken`, in order and without overlaps. */
export function without(
  spans: readonly AddressSpan[],
  taken: readonly AddressSpan[],
): AddressSpan[] {
  let left = merged(spans);
  for (const { first, last } of taken) {
    left = left.flatMap((span) => {
      if (last < span.first || first > span.last) return [span];
      const before = first > span.first ? [{ first: span.first, last: first - 1n }] : [];
      const after = last < span.last ? [{ first: last + 1n, last: span.last }] : [];
      return [...before, ...after];
    });
  }
  return left;
}

/** As coturn writes them: `first-last`. */
export function formatSpan(family: Family, { first, last }: AddressSpan): string {
  const texts = [first, last].map((each) => formatAddress(addressOf(family, each)));
  return first === last ? (texts[0] ?? "") : texts.join("-");
}

function merged(spans: readonly AddressSpan[]): AddressSpan[] {
  const result: AddressSpan[] = [];
  for (const span of [...spans].sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const before = result.at(-1);
    if (before === undefined || span.first > before.last + 1n) result.push(span);
    else if (span.last > before.last) {
      result[result.length - 1] = { first: before.first, last: span.last };
    }
  }
  return result;
}

function numberOf({ family, w0, w1, w2, w3 }: Address): bigint {
  if (family === 4) return BigInt(w0);
  return [w0, w1, w2, w3].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
}

function addressOf(family: Family, value: bigint): Address {
  const word = (shift: bigint) => Number((value >> shift) & 0xffffffffn);
  if (family === 4) return { family, w0: word(0n), w1: 0, w2: 0, w3: 0 };
  return { family, w0: word(96n), w1: word(64n), w2: word(32n), w3: word(0n) };
}
