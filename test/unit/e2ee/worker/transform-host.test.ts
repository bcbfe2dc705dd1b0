import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { SetEpochOptions } from "../../../../src/e2ee/frame/keyring.ts";
import { SpentKeys } from "../../../../src/e2ee/frame/spent-keys.ts";
import { TransformHost } from "../../../../src/e2ee/worker/transform-host.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { epochKeysOf } from "../frame/roster.ts";
import { InProcessWorker } from "./in-process-worker.ts";

function createHost(spentKeys = new SpentKeys()) {
  const clock = new ManualClock();
  const worker = new InProcessWorker(clock);
  const host = TransformHost.create({ createWorker: () => worker, clock, spentKeys });
  const told: string[] = [];
  host.events.on("epoch:spent", ({ epoch }) => told.push(`spent ${epoch}`));
  host.events.on("worker:failed", ({ reason }) => told.push(`failed: ${reason}`));
  return { clock, worker, host, told };
}

function epochOptions(worker: InProcessWorker): SetEpochOptions[] {
  return worker.posted.flatMap((message) => (message.type === "set-epoch" ? message.options : []));
}

test("the settings are the first that a worker hears, and each epoch follows once", () => {
  const { host, worker } = createHost();
  host.setEpoch(epochKeysOf("alice", 1));
  host.setEpoch(epochKeysOf("alice", 1));
  host.setEpoch(epochKeysOf("alice", 2), { sendAfterMs: 500 });
  assert.deepEqual(
    worker.posted.map(({ type }) => type),
    ["configure", "set-epoch", "set-epoch"],
  );
  assert.deepEqual(epochOptions(worker), [
    { receiveOnly: false },
    { sendAfterMs: 500, receiveOnly: false },
  ]);
});

test("a second worker never sends with keys that the first one had", () => {
  const spentKeys = new SpentKeys();
  const first = createHost(spentKeys);
  first.host.setEpoch(epochKeysOf("alice", 1));
  first.host.close("the worker crashed");
  const second = createHost(spentKeys);
  second.host.setEpoch(epochKeysOf("alice", 1));
  second.host.setEpoch(epochKeysOf("alice", 2));
  assert.deepEqual(epochOptions(second.worker), [{ receiveOnly: true }, { receiveOnly: false }]);
  assert.deepEqual(second.told, ["spent 1"]);
  assert.deepEqual(first.told, []);
});

test("two calls of one page, each on its own leaf, both send with the keys of their epoch", () => {
  const spentKeys = new SpentKeys();
  const [alice, bob] = [createHost(spentKeys), createHost(spentKeys)];
  alice.host.setEpoch(epochKeysOf("alice", 1));
  bob.host.setEpoch(epochKeysOf("bob", 1));
  for (const { worker, told } of [alice, bob]) {
    assert.deepEqual(epochOptions(worker), [{ receiveOnly: false }]);
    assert.deepEqual(told, []);
  }
});

test("keys of a restored group are for receiving only", () => {
  const { host, worker } = createHost();
  host.setEpoch(epochKeysOf("alice", 1), { receiveOnly: true });
  assert.deepEqual(epochOptions(worker), [{ receiveOnly: true }]);
});

test("keys that make no sense are refused before the worker sees them", () => {
  const { host, worker } = createHost();
  const keys = { ...epochKeysOf("alice", 1), baseKey: new Uint8Array(16) };
  assert.throws(
    () => {
      host.setEpoch(keys);
    },
    { code: "bad-argument" },
  );
  assert.equal(worker.posted.length, 1);
});

test("a worker that fails ends the host: no media passes, and it is told", () => {
  const { clock, host, worker, told } = createHost();
  worker.dispatchEvent(new Event("error"));
  assert.deepEqual(told, ["failed: the worker could not be started"]);
  assert.ok(worker.isTerminated);
  assert.throws(
    () => {
      host.setEpoch(epochKeysOf("alice", 1));
    },
    { code: "closed" },
  );
  host.detach("unknown");
  host.close("again");
  // The service's own timer ends with a real worker; the host's watchdog must be gone.
  assert.equal(clock.pending, 1);
});

test("a worker that falls silent without a word ends the host", async () => {
  const { clock, worker, told } = createHost();
  for (let second = 0; second < 10; second += 1) {
    clock.advance(1_000);
    await setImmediate();
  }
  assert.deepEqual(told, [], "it answers");

  worker.terminate();
  for (let second = 0; second < 4; second += 1) {
    assert.deepEqual(told, []);
    clock.advance(1_000);
    await setImmediate();
  }
  clock.advance(1_000);
  assert.deepEqual(told, ["failed: the worker does not answer"]);
});
