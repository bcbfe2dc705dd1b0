import type { TurnLimits } from "../turn-options.ts";
import type { TurnCounters } from "../turn-stats.ts";

/** Bounds the TCP and TLS connections of all listeners, in total and for each address. */
export class ConnectionGate {
  readonly #limits: TurnLimits;
  readonly #counters: TurnCounters;
  readonly #perAddress = new Map<string, number>();
  #total = 0;

  constructor(limits: TurnLimits, counters: TurnCounters) {
    this.#limits = limits;
    this.#counters = counters;
  }

  /** False, and counted, when there is no room. Else `leave` is to be called once. */
  enter(address: string): boolean {
    const count = this.#perAddress.get(address) ?? 0;
    const full = this.#total >= this.#limits.connections;
    if (full || count >= this.#limits.connectionsPerAddress) {
      this.refuse();
      return false;
    }
    this.#total += 1;
    this.#perAddress.set(address, count + 1);
    this.#counters.gauge("connections", 1);
    return true;
  }

  leave(address: string): void {
    const count = (this.#perAddress.get(address) ?? 0) - 1;
    if (count > 0) this.#perAddress.set(address, count);
    else this.#perAddress.delete(address);
    this.#total -= 1;
    this.#counters.gauge("connections", -1);
  }

  refuse(): void {
    this.#counters.total("connectionsRefused");
  }
}
