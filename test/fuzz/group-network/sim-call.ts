import assert from "node:assert/strict";
import { createInvitation } from "../../../src/e2ee/invitation/index.ts";
import { SeededRandom } from "../e2ee-group/seeded-random.ts";
import { toBase64Url } from "../../../src/lib/base64url.ts";
import { BadNetwork, GOOD_NETWORK } from "./bad-network.ts";
import { seedChance } from "./seeded-chance.ts";
import { SimClient } from "./sim-client.ts";
import { SimServer } from "./sim-server.ts";
import { VirtualTime } from "./virtual-time.ts";

/** From the connection until the keys, so that media is back within a second too. */
export const SOON_MS = 1_000;
export const SETTLING_MS = 60_000;
const UPDATE_INTERVAL_MS = 300_000;

/** A call on a network of up to 60 ms one way, in virtual time. */
export class SimCall {
  readonly time = new VirtualTime();
  readonly clients: SimClient[] = [];
  server = new SimServer(this.time);
  readonly #invitation = createInvitation();
  readonly #random = new SeededRandom(7);
  readonly #endChance = seedChance(this.#random);
  readonly #network = new BadNetwork(this.time, this.#random, { ...GOOD_NETWORK, maxDelayMs: 60 });

  static async of(size: number): Promise<SimCall> {
    const call = new SimCall();
    while (call.clients.length < size) {
      call.join();
      await call.time.pass(SETTLING_MS, () => call.agree());
    }
    assert(call.agree());
    return call;
  }

  join(): SimClient {
    const client = new SimClient({
      participantId: toBase64Url(Uint8Array.from({ length: 16 }, () => this.#random.below(256))),
      server: this.server,
      invitation: this.#invitation,
      time: this.time,
      network: this.#network,
      updateIntervalMs: UPDATE_INTERVAL_MS,
    });
    this.clients.push(client);
    client.connect(this.server);
    return client;
  }

  agree(clients: readonly SimClient[] = this.clients): boolean {
    const [first] = clients;
    return clients.every(
      (client) =>
        client.failure === undefined &&
        client.connected &&
        client.key === first?.key &&
        client.roster.length === clients.length,
    );
  }

  /** Asserts that all hold one epoch again within a second. */
  async assertBackSoon(): Promise<void> {
    await this.time.pass(SOON_MS, () => this.agree());
    assert(this.agree(), this.clients.map(({ failure }) => failure ?? "in").join(", "));
  }

  close(): void {
    this.#endChance();
    for (const client of this.clients) client.close();
    this.time.close();
  }
}
