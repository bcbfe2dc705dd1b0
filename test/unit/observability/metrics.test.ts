import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { register } from "prom-client";
import { Metrics } from "../../../src/observability/index.ts";

describe("Metrics", () => {
  it("reads gauges when asked, by label too", async () => {
    const metrics = new Metrics();
    const rooms = new Map([
      ["worker-0", 2],
      ["worker-1", 3],
    ]);
    metrics.gauge("aparte_rooms", "Rooms that are open.", () => 5);
    metrics.gaugeBy("aparte_worker_rooms", "Rooms by worker.", "worker", () => rooms);
    const first = await metrics.exposition();
    assert.match(first.text, /^aparte_rooms 5$/m);
    assert.match(first.text, /^aparte_worker_rooms\{worker="worker-1"\} 3$/m);
    rooms.delete("worker-1");
    assert.doesNotMatch((await metrics.exposition()).text, /worker-1/);
  });

  it("reads what only grows when asked, as counters, by label too", async () => {
    const metrics = new Metrics();
    let seen = 3;
    metrics.total("aparte_restarts_total", "Restarts.", () => seen);
    metrics.totalBy("aparte_bytes_total", "Bytes.", "direction", () => [
      ["in", seen],
      ["out", 0],
    ]);
    await metrics.exposition();
    seen = 4;
    const { text } = await metrics.exposition();
    assert.match(text, /^# TYPE aparte_restarts_total counter$/m);
    assert.match(text, /^aparte_restarts_total 4$/m);
    assert.match(text, /^aparte_bytes_total\{direction="in"\} 4$/m);
    assert.match(text, /^aparte_bytes_total\{direction="out"\} 0$/m);
  });

  it("counts and observes", async () => {
    const metrics = new Metrics();
    metrics.counter("aparte_refusals_total", "Refused requests.", ["code"]).inc({ code: "x" });
    metrics.histogram("aparte_join_seconds", "Joins.", [0.1, 1]).observe(0.5);
    const { text, contentType } = await metrics.exposition();
    assert.match(text, /^aparte_refusals_total\{code="x"\} 1$/m);
    assert.match(text, /^aparte_join_seconds_bucket\{le="1"\} 1$/m);
    assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  });

  it("leaves the library's global registry empty", async () => {
    const metrics = new Metrics();
    metrics.collectProcess();
    assert.match((await metrics.exposition()).text, /^nodejs_eventloop_lag_p99_seconds /m);
    assert.equal((await register.getMetricsAsJSON()).length, 0);
  });
});
