import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import type { PeerRefusal } from "../../../src/turn/peer-policy.ts";
import { endpoint } from "../../support/turn-client.ts";
import { TurnLab, until } from "../../support/turn-lab.ts";
import { relayPorts } from "../../support/turn-lab-options.ts";

/** As an operator of an SFU on loopback would have it: one address, one port. */
function guardedLab(t: TestContext, sfuPort: number): Promise<TurnLab> {
  return TurnLab.open(t, {
    relay: {
      addresses: [{ address: "127.0.0.1" }, { address: "::1" }],
      ports: relayPorts(),
    },
    peers: {
      allowed: [{ range: "127.0.0.1", ports: { min: sfuPort, max: sfuPort } }],
      denied: [],
      others: "allow-public",
    },
  });
}

const forbidden: [string, number, PeerRefusal][] = [
  ["127.0.0.2", 80, "loopback"],
  ["169.254.169.254", 80, "link-local"],
  ["10.0.0.1", 22, "private"],
  ["192.168.1.1", 80, "private"],
  ["100.100.100.200", 80, "private"],
  ["0.0.0.0", 80, "unspecified"],
  ["224.0.0.251", 5353, "multicast"],
  ["255.255.255.255", 67, "broadcast"],
  ["::ffff:127.0.0.1", 80, "embedded-ipv4"],
  ["::ffff:169.254.169.254", 80, "embedded-ipv4"],
  ["64:ff9b::a9fe:a9fe", 80, "embedded-ipv4"],
  ["2002:7f00:1::", 80, "embedded-ipv4"],
];

for (const [address, port, reason] of forbidden) {
  test(`${address} is refused on permission, channel and Send, and counted as ${reason}`, async (t) => {
    const lab = await guardedLab(t, 9);
    const client = await lab.client();
    await client.allocate(address.includes(":") ? { family: 2 } : {});
    const peer = endpoint(address, port);
    assert.equal((await client.permit(peer)).code, 403);
    assert.equal((await client.bind(0x4000, peer)).code, 403);
    client.sendTo(peer, "knock");
    await until(() => lab.counters.snapshot().drops["peer-denied"] === 1, "the packet is dropped");
    assert.equal(lab.counters.snapshot().peerRefusals[reason], 3);
    assert.equal(lab.counters.snapshot().totals.packetsFromClients, 0);
    assert.equal(lab.counters.snapshot().gauges.permissions, 0);
  });
}

test("an IPv4-mapped peer is refused on an IPv4 relay as well", async (t) => {
  const lab = await guardedLab(t, 9);
  const client = await lab.client();
  await client.allocate();
  assert.equal((await client.permit(endpoint("::ffff:127.0.0.1", 9))).code, 403);
  assert.equal(lab.counters.snapshot().peerRefusals["embedded-ipv4"], 1);
});

test("a permission for an SFU's address opens no other port of it", async (t) => {
  const other = await TurnLab.open(t);
  const sfu = await other.peer();
  const neighbour = await other.peer();
  const lab = await guardedLab(t, sfu.endpoint.port);
  const client = await lab.client();
  const { relayed } = await client.allocate();
  assert.equal((await client.permit(sfu.endpoint)).code, 0);
  assert.equal((await client.bind(0x4000, neighbour.endpoint)).code, 403);
  client.sendTo(neighbour.endpoint, "knock");
  await until(() => lab.counters.snapshot().drops["peer-denied"] === 1, "Send is refused");
  neighbour.send("from another port", relayed.port);
  await until(() => lab.counters.snapshot().drops["peer-denied"] === 2, "the way back is closed");
  const arrived = sfu.received();
  client.sendTo(sfu.endpoint, "to the SFU");
  assert.equal(await arrived, "to the SFU");
  assert.equal(client.unread, 0);
});

test("the node's own listeners are out of reach although a rule names them", async (t) => {
  const lab = await TurnLab.open(t, {
    listeners: [
      { protocol: "udp", address: "127.0.0.1", port: 0 },
      { protocol: "udp", address: "0.0.0.0", port: 0 },
    ],
  });
  const client = await lab.client();
  await client.allocate();
  for (const { port } of lab.listeners) {
    assert.equal((await client.bind(0x4000, endpoint("127.0.0.1", port))).code, 403);
    client.sendTo(endpoint("127.0.0.1", port), "a loop");
  }
  await until(() => lab.counters.snapshot().drops["peer-denied"] === 2, "both are refused");
  assert.equal(lab.counters.snapshot().peerRefusals["own-listener"], 4);
});

test("without permission nothing passes, in either direction", async (t) => {
  const lab = await TurnLab.open(t);
  const client = await lab.client();
  const [peer, stranger] = [await lab.peer(), await lab.peer("127.0.0.2")];
  const { relayed } = await client.allocate();
  client.sendTo(peer.endpoint, "too early");
  client.sendChannel(0x4000, "no such channel");
  peer.send("unasked", relayed.port);
  await until(() => {
    const { drops } = lab.counters.snapshot();
    return drops["no-permission"] === 2 && drops["no-channel"] === 1;
  }, "all three are dropped");
  await client.permit(peer.endpoint);
  stranger.send("still a stranger", relayed.port);
  await until(() => lab.counters.snapshot().drops["no-permission"] === 3, "it is dropped");
  assert.equal(client.unread, 0);
});

test("a client can't use the allocation of another", async (t) => {
  const lab = await TurnLab.open(t);
  const [alice, mallory] = [await lab.client("alice"), await lab.client("mallory")];
  const peer = await lab.peer();
  await alice.allocate();
  await alice.bind(0x4000, peer.endpoint);
  mallory.sendChannel(0x4000, "as if from alice");
  mallory.sendTo(peer.endpoint, "as if from alice");
  await until(() => lab.counters.snapshot().drops["no-allocation"] === 2, "both are dropped");
});

test("a malformed Send is dropped: two peers, no data, DONT-FRAGMENT", async (t) => {
  const lab = await TurnLab.open(t);
  const client = await lab.client();
  await client.allocate();
  await client.permit(endpoint("127.0.0.1", 9));
  const header = "001600002112a442000000000000000000000000";
  const peer = "00120008000121125e12a443";
  const data = "0013000401020304";
  for (const attributes of [peer + peer + data, peer, data, `${peer}001a0000${data}`]) {
    const bytes = Buffer.from(header + attributes, "hex");
    bytes.writeUInt16BE(bytes.length - 20, 2);
    client.raw(bytes);
  }
  await until(() => lab.counters.snapshot().drops.malformed === 4, "all are dropped");
});

test("bandwidth is bounded in each direction", async (t) => {
  const lab = await TurnLab.open(t, { limits: { bandwidthBytesPerS: 1_000 } });
  const client = await lab.client();
  const peer = await lab.peer();
  const { relayed } = await client.allocate();
  await client.bind(0x4000, peer.endpoint);
  const half = Buffer.alloc(500);
  for (let sent = 0; sent < 4; sent += 1) client.sendChannel(0x4000, half);
  for (let sent = 0; sent < 4; sent += 1) peer.send(half, relayed.port);
  await until(() => lab.counters.snapshot().drops.bandwidth === 4, "the rest is dropped");
  assert.equal(lab.counters.snapshot().totals.bytesFromClients, 1_000);
  assert.equal(lab.counters.snapshot().totals.bytesToClients, 1_000);
  lab.clock.advance(500);
  client.sendChannel(0x4000, half);
  await until(() => lab.counters.snapshot().totals.bytesFromClients === 1_500, "it flows again");
});

test("connections are bounded, in total and for each address", async (t) => {
  const lab = await TurnLab.open(t, {
    listeners: [{ protocol: "tcp", address: "127.0.0.1", port: 0 }],
    limits: { connectionsPerAddress: 2 },
  });
  const [first, second, third] = [await lab.client(), await lab.client(), await lab.client()];
  await third.ended();
  assert.equal((await first.challenge()).code, 401);
  assert.equal((await second.challenge()).code, 401);
  assert.equal(lab.counters.snapshot().totals.connectionsRefused, 1);
  first.close();
  await until(() => lab.counters.snapshot().gauges.connections === 1, "there is room again");
  assert.equal((await (await lab.client()).challenge()).code, 401);
});
