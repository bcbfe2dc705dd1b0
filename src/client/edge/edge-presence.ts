import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import type { EdgeRegion } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import { EdgeChoice } from "./edge-choice.ts";
import { watchNetwork } from "./network-watch.ts";
import { reachRelay } from "./reach-relay.ts";
import type { RegionReach } from "./region-order.ts";
import type { RelayedTransport } from "./relay-watch.ts";
import { RelayWatch } from "./relay-watch.ts";

export interface EdgePresenceOptions {
  readonly connection: SignalingConnection;
  readonly clock: Clock;
  readonly transports: () => readonly RelayedTransport[];
}

/** Credentials last for hours, and none that has expired shall be shown in need. */
const REFRESH_MS = 10 * 60_000;
/** What this page has measured serves its next call too. */
const pageReach = new Map<string, RegionReach>();

/**
 * Where this client enters the deployment: learns of its regions as soon as there is a connection,
 * keeps to the nearest one that answers, and minds changes of the network.
 */
export class EdgePresence {
  readonly choice: EdgeChoice;
  readonly #options: EdgePresenceOptions;
  readonly #scope: Scope;
  readonly #watch: RelayWatch;

  constructor(options: EdgePresenceOptions) {
    const { clock, connection } = options;
    this.#options = options;
    this.#scope = new Scope("edge presence", clock);
    this.choice = new EdgeChoice({ reach: reachRelay, clock, known: pageReach });
    this.#watch = new RelayWatch({ ...options, edges: this.choice });
    this.#scope.add(
      connection.events.on("connection:up", () => {
        void this.#learn((regions) => this.choice.learn(regions));
      }),
    );
    this.#scope.every(REFRESH_MS, () => {
      void this.#learn((regions) => {
        this.choice.refresh(regions);
      });
    });
    this.#scope.add(
      watchNetwork(() => {
        this.#onNewNetwork();
      }),
    );
  }

  /** Media that flowed does so no more. */
  interrupted(): void {
    void this.#options.connection.probe();
    void this.#watch.suspect();
  }

  close(): void {
    if (!this.#scope.end("closed")) return;
    this.#watch.close();
    this.choice.close();
  }

  /** Again after each return, and now and then: the credentials are new then, and maybe the regions. */
  async #learn(use: (regions: readonly EdgeRegion[]) => Promise<void> | void): Promise<void> {
    try {
      const { regions } = await this.#options.connection.request("server:regions", {});
      if (!this.#scope.ended) await use(regions);
    } catch {
      // A server that does not answer now is asked again on the next connection.
    }
  }

  /** A new network is used at once, not when the old one has timed out. */
  #onNewNetwork(): void {
    void this.#options.connection.probe();
    for (const transport of this.#options.transports()) void transport.restartIce();
    void this.choice.measure();
  }
}
