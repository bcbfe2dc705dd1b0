import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RestartBackoff } from "../../../src/sfu/restart-backoff.ts";

describe("RestartBackoff", () => {
  it("does not wait the first time, then twice as long each time, up to half a minute", () => {
    const backoff = new RestartBackoff();
    backoff.started(0);
    const delays = Array.from({ length: 10 }, () => backoff.failed(1_000));
    assert.deepEqual(delays, [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it("begins again after a worker has run for a minute", () => {
    const backoff = new RestartBackoff();
    backoff.started(0);
    backoff.failed(1);
    assert.equal(backoff.failed(2), 250);
    backoff.started(10);
    assert.equal(backoff.failed(60_009), 500);
    backoff.started(60_010);
    assert.equal(backoff.failed(120_010), 0);
  });
});
