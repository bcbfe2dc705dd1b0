import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, method, udpProtocol } from "../../../src/turn/wire/stun.ts";
import { endpoint } from "../../support/turn-client.ts";
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
