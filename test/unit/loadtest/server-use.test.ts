import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerMeter } from "../../../loadtest/coordinator/server-use.ts";

function sample(cpuSeconds: number, workerSeconds: number, waitSeconds: readonly number[]) {
  const workers = [{ name: "0", cpuSeconds: workerSeconds, maxMemoryBytes: 20e6 }];
  return { cpuSeconds, memoryBytes: 90e6, workers, waitSeconds };
}

function meanOf({ mean }: ServerMeter): ServerMeter["mean"] {
  return mean;
}

test("a server's use is the mean since it began, and the last look's by itself", () => {
  const meter = new ServerMeter();
  meter.add(sample(100, 50, [1, 7]), 0);
  assert.equal(meanOf(meter), undefined, "one look tells nothing");
  meter.begin();
  meter.add(sample(100.5, 50.75, [1, 7.5]), 1_000);
  assert.equal(meter.takeLast()?.workerCores, 0.75);
  assert.equal(meter.takeLast(), undefined, "nothing new");
  meter.add(sample(100.5, 51, [1.25, 7.5]), 2_000);
  const mean = meanOf(meter);
  assert.equal(mean?.serverCores, 0.25);
  assert.equal(mean?.workerCores, 0.5);
  assert.equal(mean?.waitShare, 0.375);
});

test("a process that takes the place of one that died is counted from its own beginning", () => {
  const meter = new ServerMeter();
  meter.add(sample(100, 50, [1, 7]), 0);
  meter.add(sample(101, 51, [1, 7]), 1_000);
  meter.add(sample(0.5, 0.25, [0, 0]), 2_000);
  assert.equal(meter.mean?.serverCores, 0.75);
  assert.equal(meter.mean?.workerCores, 0.625);
});
