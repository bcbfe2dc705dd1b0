import type { PeerRefusal } from "./peer-policy.ts";

/** What is there now. */
const gauges = { allocations: 0, relayPorts: 0, permissions: 0, channels: 0, connections: 0 };
type Gauge = keyof typeof gauges;

const totals = {
  allocationsCreated: 0,
  connectionsRefused: 0,
  packetsFromClients: 0,
  bytesFromClients: 0,
  packetsToClients: 0,
  bytesToClients: 0,
};
type Total = keyof typeof totals;

/** Why a request was refused, one for each path that ends in an error answer. */
const refusals = {
  "bad-request": 0,
  /** The first request of every client: not a failure. */
  challenge: 0,
  "bad-credential": 0,
  "expired-credential": 0,
  "stale-nonce": 0,
  "unknown-attribute": 0,
  "no-allocation": 0,
  "allocation-exists": 0,
  "wrong-credential": 0,
  "family-unsupported": 0,
  "transport-unsupported": 0,
  "peer-family": 0,
  "peer-denied": 0,
  "credential-quota": 0,
  capacity: 0,
  "permission-limit": 0,
  "channel-limit": 0,
  "reservation-unknown": 0,
  draining: 0,
};
export type RequestRefusal = keyof typeof refusals;

/** Why a packet was dropped without an answer. */
const drops = {
  malformed: 0,
  unsolicited: 0,
  rate: 0,
  "no-allocation": 0,
  "no-channel": 0,
  "no-permission": 0,
  "peer-denied": 0,
  bandwidth: 0,
  "queue-full": 0,
  /** The server itself failed on it: a mistake of ours. */
  fault: 0,
};
export type DropReason = keyof typeof drops;

const peerRefusals: Record<PeerRefusal, number> = {
  port: 0,
  "own-listener": 0,
  "own-address": 0,
  unspecified: 0,
  multicast: 0,
  broadcast: 0,
  "embedded-ipv4": 0,
  denied: 0,
  loopback: 0,
  "link-local": 0,
  private: 0,
  reserved: 0,
  unlisted: 0,
};

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

const gaugeCount = Object.keys(gauges).length;
let slotCount = 0;
const gaugeSlots = slotsOf(gauges);
const totalSlots = slotsOf(totals);
const refusalSlots = slotsOf(refusals);
const dropSlots = slotsOf(drops);
const peerSlots = slotsOf(peerRefusals);

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
    this.#values.fill(0, 0, gaugeCount);
  }

  snapshot(): Omit<TurnStats, "running" | "restarts"> {
    return {
      gauges: this.#read(gauges, gaugeSlots),
      totals: this.#read(totals, totalSlots),
      refusals: this.#read(refusals, refusalSlots),
      drops: this.#read(drops, dropSlots),
      peerRefusals: this.#read(peerRefusals, peerSlots),
    };
  }

  #add(slot: number | undefined, amount: number): void {
    if (slot !== undefined) this.#values[slot] = (this.#values[slot] ?? 0) + amount;
  }

  #read<Name extends string>(
    zeros: Record<Name, number>,
    slots: ReadonlyMap<string, number>,
  ): Record<Name, number> {
    const values = { ...zeros };
    for (const name in values) values[name] = this.#values[slots.get(name) ?? -1] ?? 0;
    return values;
  }
}

/** The places of a group's counters, after those of the groups before it. */
function slotsOf(zeros: Record<string, number>): ReadonlyMap<string, number> {
  const first = slotCount;
  const names = Object.keys(zeros);
  slotCount += names.length;
  return new Map(names.map((name, index) => [name, first + index]));
}
