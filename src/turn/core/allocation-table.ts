import type { Clock } from "../../lib/clock.ts";
import type { TurnLimits } from "../turn-options.ts";
import type { TurnCounters } from "../turn-stats.ts";
import type { AllocationParts } from "./allocation.ts";
import { Allocation } from "./allocation.ts";
import type { ClientLink } from "./client-link.ts";
import type { CredentialQuota } from "./credential-quota.ts";
import { PeerBook } from "./peer-book.ts";
import type { RelayPool } from "./relay-pool.ts";

/** All allocations by their client. */
export class AllocationTable {
  readonly #allocations = new Map<ClientLink, Allocation>();
  readonly #quota: CredentialQuota;
  readonly #limits: TurnLimits;
  readonly #clock: Clock;
  readonly #counters: TurnCounters;

  constructor(limits: TurnLimits, quota: CredentialQuota, clock: Clock, counters: TurnCounters) {
    this.#limits = limits;
    this.#quota = quota;
    this.#clock = clock;
    this.#counters = counters;
  }

  get size(): number {
    return this.#allocations.size;
  }

  /** Whether the total leaves room for one more. */
  get hasRoom(): boolean {
    return this.#allocations.size < this.#limits.allocations;
  }

  /** An allocation that has expired is ended here, though the sweep has not come by yet. */
  get(link: ClientLink): Allocation | undefined {
    const allocation = this.#allocations.get(link);
    if (allocation === undefined || allocation.expiresAtMs > this.#clock.now()) return allocation;
    this.end(allocation);
    return undefined;
  }

  create(parts: AllocationParts, pool: RelayPool): Allocation {
    const peers = new PeerBook(this.#limits, pool, this.#counters);
    const allocation = new Allocation(parts, this.#limits, peers);
    this.#allocations.set(parts.link, allocation);
    this.#quota.take(parts.identity.id);
    parts.link.hold();
    this.#counters.gauge("allocations", 1);
    this.#counters.total("allocationsCreated");
    return allocation;
  }

  /** Closes the relay socket and forgets permissions, channels and the client's link. */
  end(allocation: Allocation): void {
    if (!this.#allocations.delete(allocation.link)) return;
    this.#quota.giveBack(allocation.identity.id);
    allocation.relay.socket.deliverTo(undefined);
    allocation.relay.release();
    allocation.peers.clear();
    allocation.link.release();
    this.#counters.gauge("allocations", -1);
  }

  sweep(nowMs: number): void {
    for (const allocation of this.#allocations.values()) {
      if (allocation.expiresAtMs <= nowMs) this.end(allocation);
      else allocation.peers.sweep(nowMs);
    }
  }

  endAll(): void {
    for (const allocation of this.#allocations.values()) this.end(allocation);
  }
}
