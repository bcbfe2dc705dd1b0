import type { Address, Endpoint } from "./ip/address.ts";
import { sameAddress } from "./ip/address.ts";
import type { AddressRange } from "./ip/range.ts";
import { inRange, parseRange } from "./ip/range.ts";
import { neverRanges, specialRanges } from "./ip/special-ranges.ts";
import type { PeerRule, PortRange, TurnPeerOptions } from "./turn-options.ts";

/** Why a peer is refused. Each is counted on its own. */
export type PeerRefusal =
  | "port"
  | "own-listener"
  | "own-address"
  | "unspecified"
  | "multicast"
  | "broadcast"
  | "embedded-ipv4"
  | "denied"
  | "loopback"
  | "link-local"
  | "private"
  | "reserved"
  | "unlisted";

interface Rule {
  readonly range: AddressRange;
  readonly ports: PortRange;
}

/** What must not be reached through the relay although it may be a public address. */
export interface OwnAddresses {
  readonly listeners: readonly Endpoint[];
  /** Local and external addresses of this machine: open by default only in the relay port range. */
  readonly addresses: readonly Address[];
  readonly relayPorts: PortRange;
}

/**
 * Decides which peers the relay may talk to. It is asked on CreatePermission (address only), on
 * ChannelBind and on every Send, because a permission covers all ports of an address and the
 * operator's rules may name single ports.
 *
 * The order, first match wins: port 0; this node's own listeners; addresses that are no host
 * (unspecified, multicast, broadcast, IPv4 inside IPv6); denied by rule; allowed by rule; this
 * node's own addresses outside of the relay port range; special ranges (loopback, link-local, private, reserved); everything else as `others` says. So an
 * allowed rule can open a private address, and nothing can open a listener or a multicast group.
 */
export class PeerPolicy {
  readonly #allowed: readonly Rule[];
  readonly #denied: readonly Rule[];
  readonly #othersRefused: boolean;
  #ownListeners: readonly Endpoint[] = [];
  #ownAddresses: readonly Address[] = [];
  #relayPorts: PortRange = { min: 1, max: 0 };

  /** Throws `RangeError` for a rule that is no address range. */
  constructor(options: TurnPeerOptions) {
    this.#allowed = options.allowed.map(ruleOf);
    this.#denied = options.denied.map(ruleOf);
    this.#othersRefused = options.others === "refuse";
  }

  /** Told once the listeners are bound and their ports are known. */
  protect(own: OwnAddresses): void {
    this.#ownListeners = own.listeners;
    this.#ownAddresses = own.addresses;
    this.#relayPorts = own.relayPorts;
  }

  /** For a permission: undefined when at least one port of the address may be reached. */
  refusalOfAddress(address: Address): PeerRefusal | undefined {
    for (const { range, refusal } of neverRanges) if (inRange(range, address)) return refusal;
    for (const rule of this.#denied) {
      if (coversAllPorts(rule) && inRange(rule.range, address)) return "denied";
    }
    for (const rule of this.#allowed) if (inRange(rule.range, address)) return undefined;
    return this.#refusalOfUnlisted(address);
  }

  /** For a channel and for each Send: undefined when this very address and port may be reached. */
  refusalOf(peer: Endpoint): PeerRefusal | undefined {
    if (peer.port === 0) return "port";
    for (const own of this.#ownListeners) {
      if (own.port === peer.port && sameAddress(own, peer)) return "own-listener";
    }
    for (const { range, refusal } of neverRanges) if (inRange(range, peer)) return refusal;
    for (const rule of this.#denied) if (matches(rule, peer)) return "denied";
    for (const rule of this.#allowed) if (matches(rule, peer)) return undefined;
    if (!this.#isRelayPort(peer.port)) {
      for (const own of this.#ownAddresses) if (sameAddress(own, peer)) return "own-address";
    }
    return this.#refusalOfUnlisted(peer);
  }

  #isRelayPort(port: number): boolean {
    return port >= this.#relayPorts.min && port <= this.#relayPorts.max;
  }

  #refusalOfUnlisted(address: Address): PeerRefusal | undefined {
    for (const { range, refusal } of specialRanges) if (inRange(range, address)) return refusal;
    return this.#othersRefused ? "unlisted" : undefined;
  }
}

function ruleOf(rule: PeerRule): Rule {
  const range = parseRange(rule.range);
  if (range === undefined) throw new RangeError(`not an address range: ${rule.range}`);
  return { range, ports: rule.ports ?? { min: 1, max: 65_535 } };
}

function matches(rule: Rule, peer: Endpoint): boolean {
  return peer.port >= rule.ports.min && peer.port <= rule.ports.max && inRange(rule.range, peer);
}

function coversAllPorts(rule: Rule): boolean {
  return rule.ports.min <= 1 && rule.ports.max >= 65_535;
}
