import type { Clock } from "../../lib/clock.ts";
import { PeerPolicy } from "../peer-policy.ts";
import type { TurnOptions } from "../turn-options.ts";
import type { TurnCounters } from "../turn-stats.ts";
import { AllocationTable } from "./allocation-table.ts";
import { CredentialQuota } from "./credential-quota.ts";
import { RelayPool } from "./relay-pool.ts";
import type { RelayNetwork } from "./relay-socket.ts";

/** What the request handlers and the data path share. */
export class TurnState {
  readonly options: TurnOptions;
  readonly clock: Clock;
  readonly counters: TurnCounters;
  readonly policy: PeerPolicy;
  readonly quota: CredentialQuota;
  readonly pool: RelayPool;
  readonly allocations: AllocationTable;
  draining = false;

  constructor(options: TurnOptions, network: RelayNetwork, clock: Clock, counters: TurnCounters) {
    this.options = options;
    this.clock = clock;
    this.counters = counters;
    this.policy = new PeerPolicy(options.peers);
    this.quota = new CredentialQuota(options.limits.allocationsPerCredential);
    this.pool = new RelayPool(options.relay, network, this.quota, clock, counters);
    this.allocations = new AllocationTable(options.limits, this.quota, clock, counters);
  }
}
