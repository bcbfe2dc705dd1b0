import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, method, udpProtocol } from "../../../src/turn/wire/stun.ts";
import { endpoint } from "../../support/turn-client.ts";
import { TurnLab, until } from "../../support/turn-lab.ts";
import { MemoryLink, seededRandom, succeeded, TurnCoreLab } from "../../support/turn-core-lab.ts";

const hours = 24;
const stepMs = 30_000;

test("a day of clients that come, stay, vanish and reserve leaves nothing behind", () => {
  const lab = new TurnCoreLab({
    peers: { allowed: [{ range: "198.51.100.0/24" }], denied: [], others: "refuse" },
  });
  const random = seededRandom("churn");
  const live: { link: MemoryLink; id: string }[] = [];
  const links: MemoryLink[] = [];
  let most = 0;
  let refreshed = 0;
  for (let step = 0; step < (hours * 3_600_000) / stepMs; step += 1) {
    const link = new MemoryLink(1_024 + step);
    const id = `client-${step % 500}`;
    lab.ask(link, id, method.allocate, (writer) => {
      writer.uint32(attribute.requestedTransport, udpProtocol << 24);
      if (random() < 0.2) writer.bytes(attribute.evenPort, Buffer.from([0x80]));
    });
    assert.ok(succeeded(link), `allocation ${step}`);
    links.push(link);
    live.push({ link, id });
    const peer = endpoint(`198.51.100.${step % 256}`, 40_000);
    lab.ask(link, id, method.channelBind, (writer) => {
      writer.uint32(attribute.channelNumber, 0x40000000).address(attribute.xorPeerAddress, peer);
    });
    lab.ask(link, id, method.createPermission, (writer) => {
      writer.address(attribute.xorPeerAddress, endpoint("198.51.100.7", 1));
    });
    // Some stay, some say goodbye, and some are never heard of again.
    const chosen = live[Math.floor(random() * live.length)];
    if (chosen !== undefined) {
      lab.ask(chosen.link, chosen.id, method.refresh, (writer) =>
        writer.uint32(attribute.lifetime, random() < 0.5 ? 0 : 1_800),
      );
      if (succeeded(chosen.link)) refreshed += 1;
    }
    if (live.length > 40) live.shift();
    lab.clock.advance(stepMs);
    most = Math.max(most, lab.core.allocations);
  }
  assert.ok(refreshed > 500, `${refreshed} were refreshed or ended`);
  assert.ok(most > 15 && most < 200, `${most} at once`);
  lab.clock.advance(3_600_000);
  assert.deepEqual(lab.counters.snapshot().gauges, {
    allocations: 0,
    relayPorts: 0,
    permissions: 0,
    channels: 0,
    connections: 0,
  });
  assert.equal(lab.network.open.size, 0, "no relay socket");
  assert.ok(
    links.every(({ held }) => !held),
    "no client is remembered",
  );
  assert.equal(lab.clock.pending, 1, "the core's own timer");
  assert.deepEqual(lab.faults, []);
  lab.core.close("the test is over");
  assert.equal(lab.clock.pending, 0);
});

test("a day of clients over real sockets leaves no socket and no timer", async (t) => {
  const lab = await TurnLab.open(t, {
    listeners: [
      { protocol: "udp", address: "127.0.0.1", port: 0 },
      { protocol: "tcp", address: "127.0.0.1", port: 0 },
    ],
  });
  const peer = await lab.peer();
  const before = socketsOpen();
  const timers = lab.clock.pending;
  for (let hour = 0; hour < hours; hour += 1) {
    const clients = await Promise.all(
      [0, 1, 0, 1].map((which, index) => lab.client(`h${hour}-${index}`, lab.listener(which))),
    );
    for (const client of clients) {
      assert.ok((await client.allocate({ lifetimeS: 1_800 })).ok);
      assert.ok((await client.bind(0x4000, peer.endpoint)).ok);
    }
    // One says goodbye, one goes without a word, two are never heard of again.
    await clients[0]?.refresh(0);
    clients[1]?.close();
    for (let minute = 0; minute < 60; minute += 1) lab.clock.advance(60_000);
    for (const client of clients) client.close();
  }
  await until(() => {
    const { gauges } = lab.counters.snapshot();
    return Object.values(gauges).every((count) => count === 0);
  }, "nothing is held");
  await until(() => socketsOpen() <= before, "all sockets are closed");
  assert.equal(lab.clock.pending, timers);
});

/** UDP sockets, TCP sockets and servers of this process. */
function socketsOpen(): number {
  return process.getActiveResourcesInfo().filter((name) => /UDP|TCP/.test(name)).length;
}
