import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WorkerLoad } from "../../../src/sfu/worker-load.ts";

describe("WorkerLoad", () => {
  it("counts each kind apart, and takes off once", () => {
    const load = new WorkerLoad();
    const release = load.take("consumers");
    load.take("consumers");
    load.take("pipes");
    assert.deepEqual([load.of("consumers"), load.of("pipes"), load.of("producers")], [2, 1, 0]);
    release();
    release();
    assert.equal(load.of("consumers"), 1);
  });
});
