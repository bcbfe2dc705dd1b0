import assert from "node:assert/strict";
import { test } from "node:test";
import { TurnLab, until } from "../../support/turn-lab.ts";

test("relays both ways by Send and Data", async () => {
  await using lab = await TurnLab.open();
  const client = await lab.client();
  const peer = await lab.peer();
  const allocated = await client.allocate();
  assert.equal(allocated.code, 0);
  assert.equal((await client.permit(peer.endpoint)).code, 0);
  const arrived = peer.received();
  client.sendTo(peer.endpoint, "to the peer");
  assert.equal(await arrived, "to the peer");
  peer.send("to the client", allocated.relayed.port);
  assert.deepEqual(await client.received(), {
    from: `127.0.0.1:${peer.endpoint.port}`,
    data: "to the client",
  });
});

test("relays both ways by a channel", async () => {
  await using lab = await TurnLab.open();
  const client = await lab.client();
  const peer = await lab.peer();
  const allocated = await client.allocate();
  assert.equal((await client.bind(0x4001, peer.endpoint)).code, 0);
  const arrived = peer.received();
  client.sendChannel(0x4001, "to the peer");
  assert.equal(await arrived, "to the peer");
  peer.send("to the client", allocated.relayed.port);
  assert.deepEqual(await client.received(), { channel: 0x4001, data: "to the client" });
  await until(() => lab.counters.snapshot().totals.packetsToClients === 1, "it is counted");
});

test("leaves nothing behind when a client ends its allocation", async () => {
  await using lab = await TurnLab.open();
  const client = await lab.client();
  const peer = await lab.peer();
  await client.allocate();
  await client.bind(0x4001, peer.endpoint);
  assert.equal(lab.counters.snapshot().gauges.relayPorts, 1);
  assert.equal((await client.refresh(0)).code, 0);
  assert.deepEqual(lab.counters.snapshot().gauges, {
    allocations: 0,
    relayPorts: 0,
    permissions: 0,
    channels: 0,
    connections: 0,
  });
});
