import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { Clock } from "../../../src/lib/clock.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { createTurnEngine } from "../../../src/turn/create-turn-engine.ts";
import { issueCredential } from "../../../src/turn/credentials.ts";
import { SupervisedEngine } from "../../../src/turn/engine/supervised-engine.ts";
import { threadLife } from "../../../src/turn/engine/thread-life.ts";
import type { ThreadData } from "../../../src/turn/engine/thread-messages.ts";
import type { TurnAddresses, TurnEngine } from "../../../src/turn/turn-engine.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TurnClient } from "../../support/turn-client.ts";
import { until } from "../../support/turn-lab.ts";
import { secret, turnOptions } from "../../support/turn-lab-options.ts";

function clientOf({ listeners: [listener] }: TurnAddresses): Promise<TurnClient> {
  assert.ok(listener !== undefined);
  const options = { secret, id: "alice", lifetimeMs: 60_000 };
  return TurnClient.connect(listener, issueCredential(options, systemClock));
}

/** An engine whose threads a test makes. */
function supervised(spawn: (data: ThreadData) => Worker, clock: Clock = systemClock) {
  return new SupervisedEngine(turnOptions(), clock, (birth) =>
    threadLife(spawn({ options: birth.options, counters: birth.counters.memory }), birth),
  );
}

/** The first of an event, within twenty seconds. */
function next<Name extends "engine:died" | "engine:restarted">(engine: TurnEngine, name: Name) {
  return new Promise<unknown>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), 20_000);
    engine.events.once(name, (payload) => {
      clearTimeout(timer);
      resolve(payload);
    });
  });
}

test("serves from its thread, counts, drains and closes", async () => {
  const engine = createTurnEngine(turnOptions());
  assert.equal(engine.stats().running, false);
  const addresses = await engine.start();
  assert.deepEqual(await engine.start(), addresses, "starting twice is starting once");
  const client = await clientOf(addresses);
  const late = await clientOf(addresses);
  assert.equal((await client.allocate()).code, 0);
  assert.equal(engine.stats().running, true);
  assert.equal(engine.stats().gauges.allocations, 1);
  assert.deepEqual(await engine.drain({ deadlineMs: 50 }), { remaining: 1 });
  assert.equal((await late.allocate()).code, 508);
  const drained = engine.drain({ deadlineMs: 5_000 });
  await client.refresh(0);
  assert.deepEqual(await drained, { remaining: 0 });
  await Promise.all([engine.close("the test is over"), engine.close("again")]);
  assert.equal(engine.stats().running, false);
  assert.equal(engine.stats().totals.allocationsCreated, 1);
  await assert.rejects(engine.drain({ deadlineMs: 1 }), { code: "closed" });
  client.close();
  late.close();
});

test("closing ends live allocations and gives the port back", async () => {
  const engine = createTurnEngine(turnOptions());
  const addresses = await engine.start();
  const client = await clientOf(addresses);
  await client.allocate();
  await engine.close("the test is over");
  assert.equal(engine.stats().gauges.allocations, 0);
  const again = createTurnEngine(
    turnOptions({ listeners: addresses.listeners.map((each) => ({ ...each })) }),
  );
  assert.deepEqual(await again.start(), addresses);
  await again.close("the test is over");
  client.close();
});

test("is restarted when its thread dies, on the same port, and counts on", async () => {
  const threads: Worker[] = [];
  const spawn = (data: ThreadData) => {
    const url = new URL("../../../src/turn/builtin/thread.ts", import.meta.url);
    const thread = new Worker(url, { workerData: data });
    threads.push(thread);
    return thread;
  };
  const engine = supervised(spawn);
  const addresses = await engine.start();
  const before = await clientOf(addresses);
  await before.allocate();
  for (const restartInMs of [100, 200]) {
    const died = next(engine, "engine:died");
    const restarted = next(engine, "engine:restarted");
    await threads.at(-1)?.terminate();
    assert.deepEqual(await died, { reason: "it ended by itself", restartInMs });
    assert.equal(engine.stats().running, false);
    assert.equal(engine.stats().gauges.allocations, 0);
    assert.deepEqual(await restarted, addresses);
  }
  const after = await clientOf(addresses);
  assert.equal((await after.allocate()).code, 0);
  // The old allocation is gone, and its client learns that as soon as it asks.
  before.nonce = "";
  assert.equal((await before.refresh(600)).code, 437);
  assert.equal(engine.stats().restarts, 2);
  assert.equal(engine.stats().totals.allocationsCreated, 2);
  await engine.close("the test is over");
  before.close();
  after.close();
});

test("closing while a restart is due starts no thread any more", async () => {
  const clock = new ManualClock();
  const threads: Worker[] = [];
  const engine = supervised((data) => {
    const url = new URL("../../../src/turn/builtin/thread.ts", import.meta.url);
    const thread = new Worker(url, { workerData: data });
    threads.push(thread);
    return thread;
  }, clock);
  await engine.start();
  const died = next(engine, "engine:died");
  await threads[0]?.terminate();
  await died;
  assert.equal(clock.pending, 1);
  await engine.close("the test is over");
  clock.advance(60_000);
  assert.equal(threads.length, 1);
  assert.equal(clock.pending, 0);
});

test("a thread that runs out of memory dies alone and is replaced", async () => {
  let spawned = 0;
  const spawn = (data: ThreadData) => {
    spawned += 1;
    const url = new URL("../../../src/turn/builtin/thread.ts", import.meta.url);
    if (spawned > 1) return new Worker(url, { workerData: data });
    const glutton = `
      const { parentPort } = require("node:worker_threads");
      parentPort.postMessage({ type: "listening", addresses: { listeners: [] } });
      const hoard = [];
      setInterval(() => hoard.push(new Array(1e6).fill({})), 1);`;
    return new Worker(glutton, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 20 } });
  };
  const engine = supervised(spawn);
  const died = next(engine, "engine:died");
  const restarted = next(engine, "engine:restarted");
  await engine.start();
  const report = await died;
  assert.match(JSON.stringify(report), /memory/);
  await restarted;
  assert.equal(engine.stats().running, true);
  await engine.close("the test is over");
});

test("a port that is taken fails the start with its code, and leaves nothing open", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const taken = holder.address();
  assert.ok(typeof taken === "object" && taken !== null);
  const engine = createTurnEngine(
    turnOptions({
      listeners: [
        { protocol: "udp", address: "127.0.0.1", port: 0 },
        { protocol: "tcp", address: "127.0.0.1", port: taken.port },
      ],
    }),
  );
  await assert.rejects(engine.start(), { code: "listen-failed", message: /EADDRINUSE/ });
  assert.equal(engine.stats().running, false);
  await engine.close("the test is over");
  assert.equal(engine.stats().restarts, 0);
  holder.close();
});

test("a relay address that is not this machine's fails the start", async () => {
  const relay = { addresses: [{ address: "192.0.2.1" }], ports: { min: 20_000, max: 20_099 } };
  const engine = createTurnEngine(turnOptions({ relay }));
  await assert.rejects(engine.start(), { code: "listen-failed", message: /EADDRNOTAVAIL/ });
  await engine.close("the test is over");
});

test("a broken certificate is refused before the start", () => {
  const tls = { cert: "no certificate", key: "no key" };
  const options = turnOptions({
    listeners: [{ protocol: "tls", address: "127.0.0.1", port: 0, tls }],
  });
  assert.throws(() => createTurnEngine(options), { code: "bad-options" });
});

test("closing during the start rejects the start", async () => {
  const engine = createTurnEngine(turnOptions());
  const starting = engine.start();
  const refused = assert.rejects(starting, { code: "closed" });
  await engine.close("not today");
  await refused;
  await until(() => !engine.stats().running, "it does not run");
  await assert.rejects(createdAndClosed(), { code: "closed" });
});

async function createdAndClosed(): Promise<TurnAddresses> {
  const engine = createTurnEngine(turnOptions());
  await engine.close("at once");
  return engine.start();
}
