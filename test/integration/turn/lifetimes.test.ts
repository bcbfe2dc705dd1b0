import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute } from "../../../src/turn/wire/stun.ts";
import { TurnLab, until } from "../../support/turn-lab.ts";

const minute = 60_000;

test("an allocation ends when its lifetime does, and a refresh puts that off", async (t) => {
  const lab = await TurnLab.open(t);
  const client = await lab.client();
  const answer = await client.allocate();
  assert.equal(answer.message.uint32(attribute.lifetime), 600);
  lab.clock.advance(9 * minute);
  const refreshed = await client.refresh(1_200);
  assert.equal(refreshed.message.uint32(attribute.lifetime), 1_200);
  lab.clock.advance(19 * minute);
  assert.equal(lab.counters.snapshot().gauges.allocations, 1);
  lab.clock.advance(minute);
  assert.equal(lab.counters.snapshot().gauges.allocations, 0);
  assert.equal(lab.counters.snapshot().gauges.relayPorts, 0);
  client.nonce = "";
  assert.equal((await client.refresh(600)).code, 437);
});

test("no refresh carries an allocation beyond the greatest age", async (t) => {
  const lab = await TurnLab.open(t, { limits: { allocationAgeMaxMs: 15 * minute } });
  const client = await lab.client();
  await client.allocate();
  lab.clock.advance(9 * minute);
  const refreshed = await client.refresh(3_600);
  assert.equal(refreshed.message.uint32(attribute.lifetime), 360);
  lab.clock.advance(6 * minute);
  assert.equal(lab.counters.snapshot().gauges.allocations, 0);
});

test("a permission ends after five minutes unless it is renewed", async (t) => {
  const lab = await TurnLab.open(t, { limits: { lifetimeDefaultMs: 30 * minute } });
  const client = await lab.client();
  const peer = await lab.peer();
  const { relayed } = await client.allocate();
  await client.permit(peer.endpoint);
  lab.clock.advance(4 * minute);
  await client.permit(peer.endpoint);
  lab.clock.advance(5 * minute - 1);
  peer.send("still", relayed.port);
  assert.equal((await client.received()).data, "still");
  lab.clock.advance(1);
  peer.send("no more", relayed.port);
  client.sendTo(peer.endpoint, "no more");
  await until(() => lab.counters.snapshot().drops["no-permission"] === 2, "both are dropped");
  lab.clock.advance(1_000);
  assert.equal(lab.counters.snapshot().gauges.permissions, 0);
});

test("a channel lasts ten minutes, its permission five; without it the channel is mute", async (t) => {
  const lab = await TurnLab.open(t, { limits: { lifetimeDefaultMs: 30 * minute } });
  const client = await lab.client();
  const peer = await lab.peer();
  const { relayed } = await client.allocate();
  await client.bind(0x4000, peer.endpoint);
  lab.clock.advance(5 * minute);
  client.sendChannel(0x4000, "mute");
  peer.send("mute", relayed.port);
  await until(() => lab.counters.snapshot().drops["no-permission"] === 2, "both are dropped");
  client.nonce = "";
  await client.permit(peer.endpoint);
  peer.send("heard", relayed.port);
  assert.deepEqual(await client.received(), { channel: 0x4000, data: "heard" });
  lab.clock.advance(5 * minute);
  client.sendChannel(0x4000, "gone");
  await until(() => lab.counters.snapshot().drops["no-channel"] === 1, "the channel has expired");
  lab.clock.advance(1_000);
  assert.equal(lab.counters.snapshot().gauges.channels, 0);
  client.nonce = "";
  assert.equal(
    (await client.bind(0x4001, peer.endpoint)).code,
    0,
    "the peer may have another number",
  );
});

test("EVEN-PORT gives an even port, and reserves the next one for its credential", async (t) => {
  const lab = await TurnLab.open(t);
  const [rtp, rtcp, thief] = [await lab.client(), await lab.client(), await lab.client("mallory")];
  const first = await rtp.allocate({ evenPort: 0x80 });
  assert.equal(first.relayed.port % 2, 0);
  const token = first.message.value(attribute.reservationToken);
  assert.ok(token !== undefined);
  assert.equal(lab.counters.snapshot().gauges.relayPorts, 2);
  assert.equal((await thief.allocate({ token })).code, 508);
  const second = await rtcp.allocate({ token });
  assert.equal(second.relayed.port, first.relayed.port + 1);
  assert.equal((await (await lab.client()).allocate({ token })).code, 508, "a token is good once");
  const plain = await (await lab.client()).allocate({ evenPort: 0 });
  assert.equal(plain.relayed.port % 2, 0);
  assert.ok(!plain.message.has(attribute.reservationToken));
});

test("a reservation that nobody claims ends after thirty seconds, and frees its quota", async (t) => {
  const lab = await TurnLab.open(t, { limits: { allocationsPerCredential: 2 } });
  const client = await lab.client();
  const other = await lab.client();
  await client.allocate({ evenPort: 0x80 });
  assert.equal((await other.allocate()).code, 486);
  lab.clock.advance(30_000);
  assert.equal(lab.counters.snapshot().gauges.relayPorts, 1);
  assert.equal((await other.allocate()).code, 0);
});

test("a closed server leaves no timer and no port", async (t) => {
  const lab = await TurnLab.open(t, {
    listeners: [
      { protocol: "udp", address: "127.0.0.1", port: 0 },
      { protocol: "tcp", address: "127.0.0.1", port: 0 },
    ],
  });
  const client = await lab.client();
  const stream = await lab.client("bob", lab.listener(1));
  await client.allocate({ evenPort: 0x80 });
  await stream.allocate();
  await lab.close();
  assert.equal(lab.clock.pending, 0);
  assert.deepEqual(lab.counters.snapshot().gauges, {
    allocations: 0,
    relayPorts: 0,
    permissions: 0,
    channels: 0,
    connections: 0,
  });
});
