import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Health } from "../../../src/observability/index.ts";

describe("Health", () => {
  it("is live and ready without checks", () => {
    const health = new Health();
    assert.deepEqual(health.liveness(), { ok: true, checks: {} });
    assert.deepEqual(health.readiness(), { ok: true, checks: {} });
  });

  it("names the check that fails, and is live while it is not ready", () => {
    const health = new Health();
    health.addReadiness("listening", () => undefined);
    health.addReadiness("draining", () => "the server shuts down");
    assert.equal(health.liveness().ok, true);
    assert.deepEqual(health.readiness(), {
      ok: false,
      checks: { listening: "ok", draining: "the server shuts down" },
    });
  });

  it("is not ready when it is not live", () => {
    const health = new Health();
    health.addLiveness("workers", () => "none is left");
    assert.equal(health.readiness().ok, false);
  });

  it("takes a check that throws for a failed one, without its message", () => {
    const health = new Health();
    health.addReadiness("sfu", () => {
      throw new Error("203.0.113.77");
    });
    assert.deepEqual(health.readiness().checks, { sfu: "the check itself failed" });
  });
});
