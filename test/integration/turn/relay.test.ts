import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { attribute } from "../../../src/turn/wire/stun.ts";
import { makeCertificate } from "../../support/turn-certificate.ts";
import type { TurnClient } from "../../support/turn-client.ts";
import { textOf } from "../../support/turn-client.ts";
import { TurnLab, until } from "../../support/turn-lab.ts";
import { relayPorts } from "../../support/turn-lab-options.ts";

const tls = await makeCertificate();

/** Each transport on both families; what follows must hold on all of them. */
const ways = (["udp", "tcp", "tls"] as const).flatMap((protocol) =>
  ["127.0.0.1", "::1"].map((address) => ({ protocol, address })),
);

function labOn(t: TestContext, { protocol, address }: (typeof ways)[number]): Promise<TurnLab> {
  return TurnLab.open(t, {
    listeners: [{ protocol, address, port: 0, ...(protocol === "tls" ? { tls } : {}) }],
  });
}

async function allocated(client: TurnClient): Promise<number> {
  const answer = await client.allocate();
  assert.equal(answer.code, 0);
  return answer.relayed.port;
}

for (const way of ways) {
  const name = `over ${way.protocol} to ${way.address}`;

  test(`${name}: relays both ways by Send and Data`, async (t) => {
    const lab = await labOn(t, way);
    const client = await lab.client();
    const peer = await lab.peer();
    const port = await allocated(client);
    assert.equal((await client.permit(peer.endpoint)).code, 0);
    for (const data of ["to the peer", "", "x".repeat(1_200)]) {
      const arrived = peer.received();
      client.sendTo(peer.endpoint, data);
      assert.equal(await arrived, data);
      peer.send(data, port);
      assert.deepEqual(await client.received(), { from: textOf(peer.endpoint), data });
    }
  });

  test(`${name}: relays both ways by a channel, and counts it`, async (t) => {
    const lab = await labOn(t, way);
    const client = await lab.client();
    const peer = await lab.peer();
    const port = await allocated(client);
    assert.equal((await client.bind(0x4001, peer.endpoint)).code, 0);
    for (const data of ["odd", "even", "", "x".repeat(1_201)]) {
      const arrived = peer.received();
      client.sendChannel(0x4001, data);
      assert.equal(await arrived, data);
      peer.send(data, port);
      assert.deepEqual(await client.received(), { channel: 0x4001, data });
    }
    const { totals } = lab.counters.snapshot();
    assert.equal(totals.packetsFromClients, 4);
    assert.equal(totals.bytesFromClients, 1_208);
    assert.equal(totals.bytesToClients, 1_208);
  });

  test(`${name}: a burst arrives whole and in order`, async (t) => {
    const lab = await labOn(t, way);
    const client = await lab.client();
    const peer = await lab.peer();
    const port = await allocated(client);
    await client.bind(0x4001, peer.endpoint);
    const burst = Array.from({ length: 100 }, (_none, index) => `packet ${index}`);
    for (const data of burst) peer.send(data, port);
    for (const data of burst) assert.equal((await client.received()).data, data);
    assert.equal(client.unread, 0);
  });

  test(`${name}: tells clients their own address, before any credential`, async (t) => {
    const lab = await labOn(t, way);
    const client = await lab.client();
    const answer = await client.request(1, () => {}, { plain: true });
    const host = way.address === "::1" ? "[::1]" : way.address;
    assert.equal(answer.address(attribute.xorMappedAddress), `${host}:${client.localPort}`);
    assert.ok(answer.message.has(attribute.fingerprint));
    assert.equal(lab.counters.snapshot().gauges.allocations, 0);
  });

  test(`${name}: leaves nothing behind when a client ends its allocation`, async (t) => {
    const lab = await labOn(t, way);
    const client = await lab.client();
    const peer = await lab.peer();
    await allocated(client);
    await client.bind(0x4001, peer.endpoint);
    assert.equal(lab.counters.snapshot().gauges.relayPorts, 1);
    assert.equal((await client.refresh(0)).code, 0);
    const { connections, ...rest } = lab.counters.snapshot().gauges;
    assert.equal(connections, way.protocol === "udp" ? 0 : 1);
    assert.deepEqual(rest, { allocations: 0, relayPorts: 0, permissions: 0, channels: 0 });
  });
}

test("an IPv6 relay reaches IPv6 peers, by channel and by Send", async (t) => {
  const lab = await TurnLab.open(t, {
    relay: {
      addresses: [{ address: "127.0.0.1" }, { address: "::1" }],
      ports: relayPorts(),
    },
    peers: { allowed: [{ range: "::1" }], denied: [], others: "refuse" },
  });
  const client = await lab.client();
  const peer = await lab.peer("::1");
  const answer = await client.allocate({ family: 2 });
  assert.equal(answer.relayed.family, 6);
  assert.equal((await client.permit(peer.endpoint)).code, 0);
  const arrived = peer.received();
  client.sendTo(peer.endpoint, "six");
  assert.equal(await arrived, "six");
  peer.send("back", answer.relayed.port, "::1");
  assert.deepEqual(await client.received(), { from: textOf(peer.endpoint), data: "back" });
  assert.equal((await client.bind(0x4000, peer.endpoint)).code, 0);
  peer.send("back", answer.relayed.port, "::1");
  assert.deepEqual(await client.received(), { channel: 0x4000, data: "back" });
});

test("two clients reach each other over their relayed addresses", async (t) => {
  const lab = await TurnLab.open(t);
  const [one, other] = [await lab.client("alice"), await lab.client("bob")];
  const [first, second] = [await one.allocate(), await other.allocate()];
  await one.bind(0x4000, second.relayed);
  await other.bind(0x4000, first.relayed);
  one.sendChannel(0x4000, "hello");
  assert.deepEqual(await other.received(), { channel: 0x4000, data: "hello" });
});

test("behind a 1:1 NAT clients and peers know the external address only", async (t) => {
  const external = "198.51.100.7";
  const lab = await TurnLab.open(t, {
    relay: { addresses: [{ address: "127.0.0.1", external }], ports: relayPorts() },
    peers: { allowed: [{ range: external }], denied: [], others: "refuse" },
  });
  const [one, other] = [await lab.client("alice"), await lab.client("bob")];
  const [first, second] = [await one.allocate(), await other.allocate()];
  assert.equal(textOf(first.relayed), `${external}:${first.relayed.port}`);
  // Both relays are local, so the packets never see the NAT; the clients don't notice.
  assert.equal((await one.permit(second.relayed)).code, 0);
  assert.equal((await other.permit(first.relayed)).code, 0);
  one.sendTo(second.relayed, "hello");
  assert.deepEqual(await other.received(), { from: textOf(first.relayed), data: "hello" });
});

test("a connection that closes takes its allocation with it", async (t) => {
  const lab = await TurnLab.open(t, {
    listeners: [{ protocol: "tcp", address: "127.0.0.1", port: 0 }],
  });
  const client = await lab.client();
  await allocated(client);
  client.close();
  await until(() => lab.counters.snapshot().gauges.connections === 0, "the connection is gone");
  assert.equal(lab.counters.snapshot().gauges.allocations, 0);
  assert.equal(lab.counters.snapshot().gauges.relayPorts, 0);
});

test("a connection without an allocation, and one that speaks no TURN, is cut off", async (t) => {
  const lab = await TurnLab.open(t, {
    listeners: [{ protocol: "tcp", address: "127.0.0.1", port: 0 }],
    limits: { connectionIdleMs: 10_000 },
  });
  const [idle, http] = [await lab.client(), await lab.client()];
  // The server has seen both once it has answered.
  await idle.challenge();
  await http.challenge();
  http.raw(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  await http.ended();
  lab.clock.advance(10_000);
  await idle.ended();
  await until(() => lab.counters.snapshot().gauges.connections === 0, "both are gone");
  assert.equal(lab.clock.pending, 1, "only the core's own timer is left");
});

test("a TLS handshake that never ends, and one that is none, are cut off", async (t) => {
  const lab = await TurnLab.open(t, {
    listeners: [{ protocol: "tls", address: "127.0.0.1", port: 0, tls }],
    limits: { connectionIdleMs: 200 },
  });
  // Plain TCP towards the TLS port.
  const plain = { ...lab.listener(), protocol: "tcp" as const };
  const [mute, garbled] = [await lab.client("alice", plain), await lab.client("alice", plain)];
  garbled.raw(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  await garbled.ended();
  await mute.ended();
  await until(() => lab.counters.snapshot().gauges.connections === 0, "both are forgotten");
});

test("a slow reader on TCP loses packets instead of filling memory", async (t) => {
  const lab = await TurnLab.open(t, {
    listeners: [{ protocol: "tcp", address: "127.0.0.1", port: 0 }],
    limits: { sendQueueBytes: 10_000, bandwidthBytesPerS: 1_000_000_000 },
  });
  const client = await lab.client();
  const peer = await lab.peer();
  const port = await allocated(client);
  await client.bind(0x4001, peer.endpoint);
  client.pause();
  const packet = Buffer.alloc(60_000);
  for (let sent = 0; lab.counters.snapshot().drops["queue-full"] === 0; sent += 1) {
    assert.ok(sent < 2_000, "the queue has an end");
    peer.send(packet, port);
    await new Promise((resolve) => setImmediate(resolve));
  }
});
