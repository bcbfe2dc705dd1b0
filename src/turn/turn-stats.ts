import type { PeerRefusal } from "./peer-policy.ts";
import { peerRefusals } from "./peer-policy.ts";

/** Why a request was refused, one for each path that ends in an error answer. */
export const requestRefusals = [
  "bad-request",
  "challenge",
  "bad-credential",
  "expired-credential",
  "stale-nonce",
  "unknown-attribute",
  "no-allocation",
  "allocation-exists",
  "wrong-credential",
  "family-unsupported",
  "transport-unsupported",
  "peer-family",
  "peer-denied",
  "credential-quota",
  "capacity",
  "permission-limit",
  "channel-limit",
  "reservation-unknown",
  "draining",
] as const;
export type RequestRefusal = (typeof requestRefusals)[number];

/** Why a packet was dropped without an answer. */
export const dropReasons = [
  "malformed",
  "unsolicited",
  "rate",
  "no-allocation",
  "no-channel",
  "no-permission",
  "peer-denied",
  "bandwidth",
  "queue-full",
] as const;
export type DropReason = (typeof dropReasons)[number];

const gauges = ["allocations", "relayPorts", "permissions", "channels", "connections"] as const;
type Gauge = (typeof gauges)[number];

const totals = [
  "allocationsCreated",
  "connectionsRefused",
  "packetsFromClients",
  "bytesFromClients",
  "packetsToClients",
  "bytesToClients",
] as const;
type Total = (typeof totals)[number];

/**
 * A snapshot. Gauges are what is there now; everything else counts up since the engine's start, over
 * restarts of its thread as well. Bytes are relayed payload, without headers.
 */
export interface TurnStats {
  readonly running: boolean;
  readonly restarts: number;
  readonly gauges: Readonly<Record<Gauge, number>>;
  readonly totals: Readonly<Record<Total, number>>;
  readonly refusals: Readonly<Record<RequestRefusal, number>>;
  readonly drops: Readonly<Record<DropReason, number>>;
  /** Peers refused by the policy, at CreatePermission, ChannelBind or Send. */
  readonly peerRefusals: Readonly<Record<PeerRefusal, number>>;
}

const groups = { gauges, totals, refusals: requestRefusals, drops: dropReasons, peerRefusals };
type Group = keyof typeof groups;

const firstOf: Record<Group, number> = {
  gauges: 0,
  totals: gauges.length,
  refusals: gauges.length + totals.length,
  drops: gauges.length + totals.length + requestRefusals.length,
  peerRefusals: gauges.length + totals.length + requestRefusals.length + dropReasons.length,
};
const slotCount = firstOf.peerRefusals + peerRefusals.length;

function slotsOf<Name extends string>(group: Group, names: readonly Name[]): Map<Name, number> {
  return new Map(names.map((name, index) => [name, firstOf[group] + index]));
}

const totalSlots = slotsOf("totals", totals);
const gaugeSlots = slotsOf("gauges", gauges);
const refusalSlots = slotsOf("refusals", requestRefusals);
const dropSlots = slotsOf("drops", dropReasons);
const peerSlots = slotsOf("peerRefusals", peerRefusals);

/**
 * Counters on memory that two threads share: the engine's thread counts, and the main thread reads
 * without asking, so that figures survive the death of the thread that made them.
 */
export class TurnCounters {
  readonly memory: SharedArrayBuffer;
  readonly #values: Float64Array;

  constructor(memory = new SharedArrayBuffer(slotCount * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#values = new Float64Array(memory);
  }

  gauge(name: Gauge, change: 1 | -1): void {
    this.#add(gaugeSlots.get(name), change);
  }

  total(name: Total, amount = 1): void {
    this.#add(totalSlots.get(name), amount);
  }

  refused(reason: RequestRefusal): void {
    this.#add(refusalSlots.get(reason), 1);
  }

  dropped(reason: DropReason): void {
    this.#add(dropSlots.get(reason), 1);
  }

  peerRefused(reason: PeerRefusal): void {
    this.#add(peerSlots.get(reason), 1);
  }

  /** A thread that died has left nothing behind, whatever it had counted. */
  clearGauges(): void {
    this.#values.fill(0, 0, gauges.length);
  }

  snapshot(): Omit<TurnStats, "running" | "restarts"> {
    return {
      gauges: this.#read(gauges, gaugeSlots),
      totals: this.#read(totals, totalSlots),
      refusals: this.#read(requestRefusals, refusalSlots),
      drops: this.#read(dropReasons, dropSlots),
      peerRefusals: this.#read(peerRefusals, peerSlots),
    };
  }

  #add(slot: number | undefined, amount: number): void {
    if (slot !== undefined) this.#values[slot] = (this.#values[slot] ?? 0) + amount;
  }

  #read<Name extends string>(
    names: readonly Name[],
    slots: ReadonlyMap<Name, number>,
  ): Record<Name, number> {
    const values = names.map((name) => [name, this.#values[slots.get(name) ?? -1] ?? 0] as const);
    return Object.fromEntries(values) as Record<Name, number>;
  }
}
