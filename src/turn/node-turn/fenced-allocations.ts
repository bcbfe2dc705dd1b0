import type Allocation from "node-turn/lib/allocation.js";
import type { ClientLink } from "../core/client-link.ts";
import type { CredentialQuota } from "../core/credential-quota.ts";
import type { TurnCounters } from "../turn-stats.ts";
import { FencedSocket } from "./fenced-socket.ts";

export interface HeldAllocation {
  readonly allocation: Allocation;
  readonly socket: FencedSocket;
}

/**
 * Stands in for the plain object on which node-turn keeps allocations: a Map, so that no name finds
 * a property of every object, and each removal, by the package's timers too, closes the relay
 * socket, which the package never does.
 */
export class FencedAllocations {
  readonly #held = new Map<string, HeldAllocation>();
  readonly #quota: CredentialQuota;
  readonly #counters: TurnCounters;
  /** To be set as `server.allocations`. */
  readonly table: Record<string, Allocation>;

  constructor(quota: CredentialQuota, counters: TurnCounters) {
    this.#quota = quota;
    this.#counters = counters;
    this.table = new Proxy<Record<string, Allocation>>(
      {},
      {
        get: (_target, path) =>
          typeof path === "string" ? this.#held.get(path)?.allocation : undefined,
        set: (_target, path, allocation: Allocation) => this.#add(String(path), allocation),
        deleteProperty: (_target, path) => {
          this.end(String(path));
          return true;
        },
      },
    );
  }

  get size(): number {
    return this.#held.size;
  }

  get(link: ClientLink): HeldAllocation | undefined {
    return this.#held.get(link.path);
  }

  end(path: string): void {
    const held = this.#held.get(path);
    if (held === undefined) return;
    this.#held.delete(path);
    clearTimeout(held.allocation.timer);
    const { identity, relay, link, permissions, channelsUntilMs } = held.socket;
    this.#quota.giveBack(identity.id);
    relay.socket.deliverTo(undefined);
    relay.release();
    link.release();
    this.#counters.gauge("allocations", -1);
    for (let left = permissions; left > 0; left -= 1) this.#counters.gauge("permissions", -1);
    for (let left = channelsUntilMs.size; left > 0; left -= 1) this.#counters.gauge("channels", -1);
  }

  endAll(): void {
    for (const path of [...this.#held.keys()]) this.end(path);
  }

  /** Forgets permissions and channels whose time is over; the package keeps both. */
  sweep(nowMs: number): void {
    for (const { allocation, socket } of this.#held.values()) {
      for (const [address, untilMs] of Object.entries(allocation.permissions)) {
        if (untilMs <= nowMs) delete allocation.permissions[address];
      }
      this.countPermissions({ allocation, socket });
      for (const [number, untilMs] of socket.channelsUntilMs) {
        if (untilMs > nowMs) continue;
        delete allocation.channelBindings[number];
        socket.channelsUntilMs.delete(number);
        this.#counters.gauge("channels", -1);
      }
    }
  }

  countPermissions({ allocation, socket }: HeldAllocation): void {
    const now = Object.keys(allocation.permissions).length;
    for (; socket.permissions < now; socket.permissions += 1) {
      this.#counters.gauge("permissions", 1);
    }
    for (; socket.permissions > now; socket.permissions -= 1) {
      this.#counters.gauge("permissions", -1);
    }
  }

  #add(path: string, allocation: Allocation): boolean {
    const [socket] = allocation.sockets;
    // Not made by our hook: refused, which the package answers with an error.
    if (!(socket instanceof FencedSocket)) return false;
    this.#held.set(path, { allocation, socket });
    this.#quota.take(socket.identity.id);
    socket.link.hold();
    this.#counters.gauge("allocations", 1);
    this.#counters.total("allocationsCreated");
    return true;
  }
}
