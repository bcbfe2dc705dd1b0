import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "../../../src/lib/clock.ts";
import { FencedCore } from "../../../src/turn/node-turn/fenced-core.ts";
import { attribute, messageClass, method, udpProtocol } from "../../../src/turn/wire/stun.ts";
import type { StunWriter } from "../../../src/turn/wire/stun-writer.ts";
import { StreamFramer } from "../../../src/turn/wire/stream-framer.ts";
import { StunWriter as Writer } from "../../../src/turn/wire/stun-writer.ts";
import { endpoint } from "../../support/turn-client.ts";
import { MemoryLink, seededRandom, succeeded, TurnCoreLab } from "../../support/turn-core-lab.ts";
import type { Seal } from "../../support/turn-request.ts";
import { turnRequest } from "../../support/turn-request.ts";

const packets = 20_000;
/** What a run may leave on the heap: caches of the engine, nothing per packet. */
const leftBytesMax = 4 * 1024 * 1024;

const peer = endpoint("198.51.100.7", 40_000);
const random = seededRandom("turn mutations");

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function pick<Item>(items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

const requests: readonly [
  [number, (w: StunWriter) => void],
  ...[number, (w: StunWriter) => void][],
] = [
  [method.binding, () => {}],
  [
    method.allocate,
    (w) => w.uint32(attribute.requestedTransport, udpProtocol << 24).uint32(attribute.lifetime, 60),
  ],
  [
    method.allocate,
    (w) =>
      w
        .uint32(attribute.requestedTransport, udpProtocol << 24)
        .bytes(attribute.evenPort, Buffer.from([0x80])),
  ],
  [method.refresh, (w) => w.uint32(attribute.lifetime, pick([0, 600]))],
  [method.createPermission, (w) => w.address(attribute.xorPeerAddress, peer)],
  [
    method.channelBind,
    (w) => w.uint32(attribute.channelNumber, 0x40000000).address(attribute.xorPeerAddress, peer),
  ],
];

/** Any attribute of any size, more often one that the server reads. */
function strangeAttribute(writer: StunWriter): void {
  const known = Object.values(attribute);
  const type = random() < 0.8 ? known[Math.floor(random() * known.length)] : random() * 0xffff;
  const bytes = Buffer.alloc(pick([0, 1, 3, 4, 8, 20, 33, 200]), Math.floor(random() * 256));
  writer.bytes(Math.floor(type ?? 0), bytes);
}

function sendIndication(): Buffer {
  const buffer = Buffer.alloc(400);
  const { length } = new Writer()
    .begin(buffer, method.send, messageClass.indication, Buffer.alloc(12), 0)
    .address(attribute.xorPeerAddress, peer)
    .bytes(attribute.data, Buffer.from("payload"));
  return buffer.subarray(0, length);
}

/** A proven request with things in it that do not belong there: it gets past the seal. */
function strangeRequest(seal: Seal): Buffer {
  const [number, build] = pick(requests);
  return turnRequest({
    method: number,
    seal,
    build: (writer) => {
      if (random() < 0.5) strangeAttribute(writer);
      build(writer);
      while (random() < 0.3) strangeAttribute(writer);
    },
  });
}

function mutated(original: Buffer): Buffer {
  const bytes = Buffer.from(original);
  const flips = Math.floor(random() * 4);
  for (let flip = 0; flip < flips && bytes.length > 0; flip += 1) {
    const at = Math.floor(random() * bytes.length);
    bytes.writeUInt8(pick([0, 0xff, 0x7f, 0x80, Math.floor(random() * 256)]), at);
  }
  const choice = random();
  if (choice < 0.2) return bytes.subarray(0, Math.floor(random() * bytes.length));
  if (choice < 0.3) return Buffer.concat([bytes, bytes.subarray(0, Math.floor(random() * 50))]);
  return bytes;
}

function anyPacket(seal: Seal): Buffer {
  const choice = random();
  if (choice < 0.4) return strangeRequest(seal);
  const [number, build] = pick(requests);
  if (choice < 0.7) return mutated(turnRequest({ method: number, build, seal }));
  if (choice < 0.85) return mutated(sendIndication());
  return mutated(Buffer.from("400000077061796c6f616400", "hex"));
}

async function heapAfterCollection(): Promise<number> {
  collectGarbage();
  await nextTurn();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test(`${packets} mutated packets leave core and memory as they were`, async () => {
  const lab = new TurnCoreLab({
    peers: { allowed: [{ range: "198.51.100.0/24" }], denied: [], others: "refuse" },
    limits: { allocationsPerCredential: 50 },
  });
  const links = Array.from({ length: 20 }, (_none, index) => new MemoryLink(2_000 + index));
  const run = async (count: number) => {
    for (let sent = 0; sent < count; sent += 1) {
      const link = links[sent % links.length];
      assert.ok(link !== undefined);
      // Most with the seal of their own link; the rest with one that was given to another.
      const packet = anyPacket(sent % 5 === 4 ? lastSeal : sealOf(lab, link));
      lab.say(link, packet);
      lab.network.deliver(mutated(packet), pick(["198.51.100.7", "::1", "8.8.8.8"]), 40_000);
      if (sent % 50 !== 0) continue;
      lab.clock.advance(10_000);
      // The engine frees what its native objects hold only between turns of the event loop.
      await nextTurn();
    }
  };
  await run(packets / 10);
  const before = await heapAfterCollection();
  await run(packets);
  const grown = (await heapAfterCollection()) - before;
  assert.ok(grown < leftBytesMax, `the heap grew by ${grown} bytes`);

  // The mutations reached what they were meant to reach.
  const { refusals, drops, totals } = lab.counters.snapshot();
  for (const reason of [
    "bad-request",
    "unknown-attribute",
    "stale-nonce",
    "bad-credential",
  ] as const) {
    assert.ok(refusals[reason] > 0, reason);
  }
  assert.ok(drops.malformed > 0 && totals.allocationsCreated > 100);
  assert.ok(totals.packetsFromClients > 100 && totals.packetsToClients > 100);

  lab.clock.advance(7_200_000);
  const { gauges } = lab.counters.snapshot();
  assert.deepEqual(
    Object.values(gauges),
    Object.values(gauges).map(() => 0),
  );
  assert.equal(lab.network.open.size, 0);
  const fresh = new MemoryLink(9_999);
  lab.ask(fresh, "someone-new", method.allocate, (writer) =>
    writer.uint32(attribute.requestedTransport, udpProtocol << 24),
  );
  assert.ok(succeeded(fresh), "and a new client is served");
  assert.deepEqual(lab.faults, []);
  lab.core.close("the test is over");
});

test("mutated packets do node-turn no harm behind its fences", async () => {
  // The package reads the system's clock, so this one has to stand where that is.
  const lab = new TurnCoreLab(
    { peers: { allowed: [{ range: "198.51.100.0/24" }], denied: [], others: "refuse" } },
    (parts) => new FencedCore({ ...parts, clock: systemClock }),
  );
  lab.clock.advance(Date.now() - lab.clock.now());
  const links = Array.from({ length: 20 }, (_none, index) => new MemoryLink(2_000 + index));
  for (let sent = 0; sent < packets / 4; sent += 1) {
    const link = links[sent % links.length];
    assert.ok(link !== undefined);
    const packet = anyPacket(sent % 5 === 4 ? lastSeal : sealOf(lab, link));
    lab.say(link, packet);
    lab.network.deliver(mutated(packet), pick(["198.51.100.7", "::1", "8.8.8.8"]), 40_000);
    // A client that goes away, so that others come.
    if (sent % 50 === 0) lab.core.linkClosed(link);
  }
  const { totals, drops } = lab.counters.snapshot();
  assert.ok(totals.allocationsCreated > 50, `${totals.allocationsCreated} allocations`);
  assert.ok(totals.packetsFromClients > 100 && totals.packetsToClients > 100);
  assert.equal(drops.fault, 0);
  assert.deepEqual(lab.faults, []);
  lab.core.close("the test is over");
  const { gauges } = lab.counters.snapshot();
  assert.deepEqual(
    Object.values(gauges),
    Object.values(gauges).map(() => 0),
  );
  assert.equal(lab.network.open.size, 0);
});

let lastSeal: Seal = { credential: { username: "1:x", password: "" }, realm: "", nonce: "" };

function sealOf(lab: TurnCoreLab, link: MemoryLink): Seal {
  // Now and then with the credential of someone else.
  const id = random() < 0.05 ? "stranger" : `client-${link.remote.port % 5}`;
  lastSeal = lab.seal(link, id);
  return lastSeal;
}

test("mutated streams never make the framer throw, hold too much, or deliver a wrong size", () => {
  const limit = 2_048;
  let delivered = 0;
  const valid = [sendIndication(), turnRequest({ method: method.binding })];
  for (let stream = 0; stream < 2_000; stream += 1) {
    const framer = new StreamFramer({
      onFrame: (_buffer, start, end) => {
        assert.ok(end - start >= 4 && end - start <= limit);
        delivered += 1;
      },
      frameBytesMax: () => limit,
    });
    const bytes = mutated(Buffer.concat([...valid, ...valid]));
    for (let at = 0; at < bytes.length;) {
      const size = 1 + Math.floor(random() * 40);
      if (!framer.push(bytes.subarray(at, at + size))) break;
      assert.ok(framer.pending <= limit);
      at += size;
    }
  }
  assert.ok(delivered > 1_000);
});
