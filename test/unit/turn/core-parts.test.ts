import assert from "node:assert/strict";
import { test } from "node:test";
import { EndpointTable } from "../../../src/turn/core/endpoint-table.ts";
import { grantedLifetimeMs } from "../../../src/turn/core/lifetime.ts";
import { Nonces } from "../../../src/turn/core/nonces.ts";
import { PortPool } from "../../../src/turn/core/port-pool.ts";
import { SourceLimiter } from "../../../src/turn/core/source-limiter.ts";
import { TokenBucket } from "../../../src/turn/core/token-bucket.ts";
import { defaultTurnLimits } from "../../../src/turn/turn-options.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { endpoint } from "../../support/turn-client.ts";

test("a nonce is good on its own path, for its time, with no bit changed", () => {
  const clock = new ManualClock(1_800_000_000_000);
  const nonces = new Nonces(60_000, clock);
  const nonce = nonces.issue("udp|3478|192.0.2.1|5000");
  assert.ok(nonce.length < 128);
  assert.ok(nonces.valid(nonce, "udp|3478|192.0.2.1|5000"));
  assert.ok(!nonces.valid(nonce, "udp|3478|192.0.2.1|5001"));
  assert.ok(!nonces.valid(nonce, "tcp|3478|192.0.2.1|5000"));
  assert.ok(!new Nonces(60_000, clock).valid(nonce, "udp|3478|192.0.2.1|5000"));
  const later = `${nonce.slice(0, 7)}z${nonce.slice(8)}`;
  for (const forged of ["", "x", later, `${nonce}A`, nonce.slice(0, -1), "constructor"]) {
    assert.ok(!nonces.valid(forged, "udp|3478|192.0.2.1|5000"), forged);
  }
  clock.advance(60_000);
  assert.ok(nonces.valid(nonce, "udp|3478|192.0.2.1|5000"));
  clock.advance(1_000);
  assert.ok(!nonces.valid(nonce, "udp|3478|192.0.2.1|5000"));
});

test("a port pool gives each port once, even ones and pairs when asked", () => {
  const pool = new PortPool({ min: 101, max: 110 });
  const all = [...pool.candidates({ even: false, pair: false })];
  assert.deepEqual(
    all.toSorted((a, b) => a - b),
    [101, 102, 103, 104, 105, 106, 107, 108, 109, 110],
  );
  pool.take(103);
  pool.take(106);
  const even = [...pool.candidates({ even: true, pair: false })];
  assert.deepEqual(
    even.toSorted((a, b) => a - b),
    [102, 104, 108, 110],
  );
  const pairs = [...pool.candidates({ even: true, pair: true })];
  assert.deepEqual(
    pairs.toSorted((a, b) => a - b),
    [104, 108],
  );
  assert.throws(() => pool.take(103), RangeError);
  pool.giveBack(103);
  pool.giveBack(103);
  assert.equal(pool.used, 1);
});

test("a full port pool says so at once", () => {
  const pool = new PortPool({ min: 5, max: 6 });
  pool.take(5);
  pool.take(6);
  assert.ok(pool.full);
  assert.deepEqual([...pool.candidates({ even: false, pair: false })], []);
});

test("a token bucket lets its rate through, and one second's worth after a pause", () => {
  const bucket = new TokenBucket(1_000, 0);
  assert.ok(bucket.take(1_000, 0));
  assert.ok(!bucket.take(1, 0));
  assert.ok(bucket.take(500, 500));
  assert.ok(!bucket.take(1, 500));
  assert.ok(bucket.take(1_000, 60_000));
  assert.ok(!bucket.take(1, 60_000));
  // The clock is put back by a minute, and goes on.
  assert.ok(!bucket.take(1, 0));
  assert.ok(bucket.take(100, 100));
});

test("the limiter counts by network and begins anew each second", () => {
  const limiter = new SourceLimiter(2);
  const [one, neighbour] = [endpoint("192.0.2.1", 1), endpoint("192.0.2.200", 2)];
  limiter.count(one, 1_000);
  limiter.count(neighbour, 1_500);
  assert.ok(!limiter.allows(one, 1_999));
  assert.ok(limiter.allows(one, 2_000));
  const [six, sibling] = [endpoint("2001:db8::1", 1), endpoint("2001:db8:0:ff::2", 2)];
  limiter.count(six, 3_000);
  limiter.count(sibling, 3_000);
  assert.ok(!limiter.allows(six, 3_000));
});

test("the limiter spreads networks over its counters", () => {
  const limiter = new SourceLimiter(1);
  for (let net = 0; net < 100; net += 1) limiter.count(endpoint(`10.0.${net}.1`, 1), 0);
  let free = 0;
  for (let net = 100; net < 200; net += 1) {
    if (limiter.allows(endpoint(`10.0.${net}.1`, 1), 0)) free += 1;
  }
  assert.ok(free > 80, `${free} of 100 other networks were free`);
});

test("a lifetime is what was asked for, within the limits", () => {
  const limits = { ...defaultTurnLimits, lifetimeDefaultMs: 600_000, lifetimeMaxMs: 3_600_000 };
  assert.equal(grantedLifetimeMs(undefined, limits), 600_000);
  assert.equal(grantedLifetimeMs(1, limits), 600_000);
  assert.equal(grantedLifetimeMs(1_200, limits), 1_200_000);
  assert.equal(grantedLifetimeMs(0xffffffff, limits), 3_600_000);
});

test("an endpoint table forgets what is deleted", () => {
  const table = new EndpointTable<string>();
  table.set("192.0.2.1", 1, "a");
  table.set("192.0.2.2", 1, "b");
  assert.equal(table.get("192.0.2.1", 1), "a");
  assert.equal(table.get("192.0.2.1", 2), undefined);
  assert.deepEqual([...table.values()], ["a", "b"]);
  table.delete("192.0.2.1", 1);
  table.delete("192.0.2.1", 9);
  assert.equal(table.size, 1);
});
