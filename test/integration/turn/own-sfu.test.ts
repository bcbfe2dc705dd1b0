import assert from "node:assert/strict";
import { test } from "node:test";
import { startSfu, until } from "../../support/sfu-lab.ts";

test("the SFU tells its very ports, and keeps them when a worker is replaced", async () => {
  const sfu = await startSfu();
  try {
    const ports = sfu.mediaPorts();
    const { workersAlive, workers } = sfu.stats();
    assert.equal(ports.filter(({ protocol }) => protocol === "udp").length, workersAlive);
    assert.ok(ports.every(({ port }) => port > 0));
    process.kill(workers[0]?.pid ?? assert.fail(), "SIGKILL");
    await until("the worker is gone", () => sfu.stats().workerDeaths === 1);
    assert.deepEqual(sfu.mediaPorts(), ports, "also meanwhile");
    await until("it is replaced", () => sfu.stats().workersAlive === workersAlive);
    assert.deepEqual(sfu.mediaPorts(), ports);
  } finally {
    await sfu.close();
  }
});
