import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { SETTLING_MS, SimCall, SOON_MS } from "./sim-call.ts";
import type { SimClient } from "./sim-client.ts";
import { SimServer } from "./sim-server.ts";

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
    test(`${what} has the keys within a second, with all that was missed`, async (context) => {
      const call = await SimCall.of(4);
      context.after(() => call.close());
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
    });
  }

  test("with a new page has the keys within a second; the old leaf goes by itself", async (context) => {
    const call = await SimCall.of(3);
    context.after(() => call.close());
    const [old] = call.clients.splice(1, 1);
    old?.close();
    const again = call.join();
    await call.time.pass(SOON_MS, () => again.key === call.clients[0]?.key);
    assert.equal(again.key, call.clients[0]?.key);
    await call.time.pass(SETTLING_MS, () => call.agree());
    assert(call.agree());
  });

  test("to a server that was started again finds the same group", async (context) => {
    const call = await SimCall.of(4);
    context.after(() => call.close());
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
  });

  test("from the other half of a split is in one group with the rest", async (context) => {
    const call = await SimCall.of(4);
    context.after(() => call.close());
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
  });
});
