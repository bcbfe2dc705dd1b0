import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createInvitation } from "../../../src/e2ee/invitation/index.ts";
import { SeededRandom } from "../e2ee-group/seeded-random.ts";
import { randomId } from "../../support/protocol-client.ts";
import { BadNetwork, GOOD_NETWORK } from "./bad-network.ts";
import { SimClient } from "./sim-client.ts";
import { SimServer } from "./sim-server.ts";
import { VirtualTime } from "./virtual-time.ts";

/** From the connection until the keys, so that media is back within a second too. */
const SOON_MS = 1_000;
const SETTLING_MS = 60_000;

/** A call of four on a network of up to 60 ms one way, in virtual time. */
class Call {
  readonly time = new VirtualTime();
  readonly clients: SimClient[] = [];
  server = new SimServer(this.time);
  readonly #invitation = createInvitation();
  readonly #network = new BadNetwork(this.time, new SeededRandom(7), {
    ...GOOD_NETWORK,
    maxDelayMs: 60,
  });

  static async of(size: number): Promise<Call> {
    const call = new Call();
    while (call.clients.length < size) {
      call.join();
      await call.time.pass(SETTLING_MS, () => call.agree());
    }
    assert(call.agree());
    return call;
  }

  join(): SimClient {
    const client = new SimClient({
      participantId: randomId(),
      server: this.server,
      invitation: this.#invitation,
      time: this.time,
      network: this.#network,
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
    for (const client of this.clients) client.close();
    this.time.close();
  }
}

function leafOf(client: SimClient | undefined): number | undefined {
  return client?.last?.keys.ownLeafIndex;
}

suite("who comes back to a call", () => {
  for (const [what, awayMs, keepsLeaf] of [
    ["after a change of the network", 2_000, true],
    ["after 14 seconds", 14_000, true],
    ["after 30 seconds offline", 30_000, false],
    ["after five minutes offline", 300_000, false],
  ] as const) {
    test(`${what} has the keys within a second, with all that was missed`, async () => {
      const call = await Call.of(4);
      const away = call.clients[2];
      const others = call.clients.filter((client) => client !== away);
      const leaf = leafOf(away);
      assert(away);
      away.cut();
      await call.time.pass(awayMs / 2);
      for (const other of others) other.session.renew();
      await call.time.pass(awayMs / 2);
      const [other] = others;
      assert.notEqual(other?.key, away.key, "commits were missed");
      away.connect(call.server);
      await call.assertBackSoon();
      if (keepsLeaf) {
        assert.equal(leafOf(away), leaf);
        assert.ok(other?.last?.joined.length === 0, "the others saw nobody come");
      }
      call.close();
    });
  }

  test("with a new page has the keys within a second; the old leaf goes by itself", async () => {
    const call = await Call.of(3);
    const [old] = call.clients.splice(1, 1);
    old?.close();
    const again = call.join();
    await call.time.pass(SOON_MS, () => again.key === call.clients[0]?.key);
    assert.equal(again.key, call.clients[0]?.key);
    await call.time.pass(SETTLING_MS, () => call.agree());
    assert(call.agree());
    call.close();
  });

  test("to a server that was started again finds the same group", async () => {
    const call = await Call.of(4);
    const leaves = call.clients.map(leafOf);
    const { key } = call.clients[0] ?? {};
    for (const client of call.clients) client.cut();
    call.server = new SimServer(call.time);
    await call.time.pass(3_000);
    for (const client of call.clients) client.connect(call.server);
    await call.assertBackSoon();
    assert.deepEqual(call.clients.map(leafOf), leaves);
    assert.equal(call.clients[0]?.key, key, "nobody had to begin another epoch");
    // While the room is still being joined on the new connection, and once more when it is.
    call.clients[1]?.session.renew();
    await call.time.pass(SOON_MS);
    call.clients[1]?.session.renew();
    await call.time.pass(SOON_MS);
    assert(call.agree() && call.clients[0]?.key !== key);
    call.close();
  });

  test("from the other half of a split is in one group with the rest", async () => {
    const call = await Call.of(4);
    const half = call.clients.slice(2);
    const elsewhere = new SimServer(call.time);
    for (const client of half) client.cut();
    for (const client of half) client.connect(elsewhere);
    await call.time.pass(SETTLING_MS);
    assert(call.agree(half) && call.agree(call.clients.slice(0, 2)));
    assert.notEqual(half[0]?.key, call.clients[0]?.key);
    for (const client of half) client.cut();
    for (const client of half) client.connect(call.server);
    await call.assertBackSoon();
    call.close();
  });
});
