import { parseAddress } from "../ip/address.ts";
import { parseRange } from "../ip/range.ts";
import { neverRanges, specialRanges } from "../ip/special-ranges.ts";
import type { PeerRule, TurnOptions } from "../turn-options.ts";
import type { AddressSpan, Family } from "./address-spans.ts";
import { formatSpan, spanOf, wholeSpan, without } from "./address-spans.ts";

export interface PeerLists {
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
  /** coturn needs a switch of its own before it reaches any loopback address. */
  readonly loopback: boolean;
}

/**
 * Our policy in coturn's terms. It knows no ports and lets `allowed` win over `denied`, so the two
 * lists are made disjoint here: what our order of rules allows, and everything else that is to be
 * refused. A rule with ports denies, or allows, the whole address.
 */
export function peerLists({ peers, relay }: TurnOptions): PeerLists {
  const families: readonly Family[] = [4, 6];
  const lists = families.map((family) => {
    const allowed = without(spansOf(peers.allowed, family), [
      ...spansOf(peers.denied, family),
      ...neverSpans(family),
    ]);
    const open = peers.others === "allow-public" ? publicSpans(relay, peers.denied, family) : [];
    const denied = without([wholeSpan(family)], [...allowed, ...open]);
    return { family, allowed, denied };
  });
  return {
    allowed: lists.flatMap(({ family, allowed }) => texts(family, allowed)),
    denied: lists.flatMap(({ family, denied }) => texts(family, denied)),
    loopback: lists.some(({ family, allowed }) => touchesLoopback(family, allowed)),
  };
}

/** The node's own addresses are left out: coturn can't tell its relay ports from others. */
function publicSpans(
  relay: TurnOptions["relay"],
  denied: readonly PeerRule[],
  family: Family,
): AddressSpan[] {
  const own = relay.addresses.flatMap(({ address, external = address }) => [
    { range: address },
    { range: external },
  ]);
  const special = specialRanges
    .filter(({ range }) => range.net.family === family)
    .map(({ range }) => spanOf(range));
  return without(
    [wholeSpan(family)],
    [...special, ...neverSpans(family), ...spansOf(denied, family), ...spansOf(own, family)],
  );
}

function neverSpans(family: Family): AddressSpan[] {
  return neverRanges
    .filter(({ range }) => range.net.family === family)
    .map(({ range }) => spanOf(range));
}

function spansOf(rules: readonly PeerRule[], family: Family): AddressSpan[] {
  return rules.flatMap(({ range: text }) => {
    const range = parseRange(text);
    return range === undefined || range.net.family !== family ? [] : [spanOf(range)];
  });
}

function touchesLoopback(family: Family, spans: readonly AddressSpan[]): boolean {
  const loopback = parseRange(family === 4 ? "127.0.0.0/8" : "::1");
  if (loopback === undefined) return false;
  const { first, last } = spanOf(loopback);
  return spans.some((span) => span.first <= last && span.last >= first);
}

function texts(family: Family, spans: readonly AddressSpan[]): string[] {
  return spans.map((span) => formatSpan(family, span));
}

/** Whether coturn can bind to it as it stands: a wildcard is said by naming none. */
export function isNamed(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && (parsed.w0 | parsed.w1 | parsed.w2 | parsed.w3) !== 0;
}
