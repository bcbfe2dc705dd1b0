import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { systemClock } from "../../../src/lib/clock.ts";
import { ByteBudget } from "../../../src/signaling/byte-budget.ts";
import { addressKey, clientAddress } from "../../../src/signaling/client-address.ts";
import { originAllowed } from "../../../src/signaling/origin-policy.ts";
import { newResumeToken, sameToken } from "../../../src/signaling/resume.ts";
import { TokenBucket } from "../../../src/signaling/token-bucket.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { requestFrom } from "../../support/signaling-request.ts";

describe("TokenBucket", () => {
  test("allows a burst, then its rate, and never more than a burst again", () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket(10, 3, clock);
    assert.deepEqual(
      [1, 1, 1, 1].map((count) => bucket.take(count)),
      [true, true, true, false],
    );
    clock.advance(100);
    assert.equal(bucket.take(1), true);
    assert.equal(bucket.take(1), false);
    clock.advance(60_000);
    assert.equal(bucket.take(4), false);
    assert.equal(bucket.take(3), true);
  });

  test("takes nothing when there is not enough", () => {
    const bucket = new TokenBucket(1, 5, new ManualClock());
    assert.equal(bucket.take(6), false);
    assert.equal(bucket.take(5), true);
  });

  test("survives a clock that is set back", () => {
    let nowMs = 1_000;
    const bucket = new TokenBucket(1, 2, { ...systemClock, now: () => nowMs });
    nowMs = 0;
    assert.equal(bucket.take(2), true);
    nowMs = 1_000;
    assert.equal(bucket.take(1), true);
  });
});

test("ByteBudget reserves what is left and no more", () => {
  const budget = new ByteBudget(10);
  assert.equal(budget.reserve(8), true);
  assert.equal(budget.reserve(3), false);
  budget.release(8);
  assert.equal(budget.reserve(10), true);
  assert.equal(budget.usedBytes, 10);
});

describe("clientAddress", () => {
  const direct = "198.51.100.7";
  const forwarded = (value: string) => requestFrom(direct, { "x-forwarded-for": value });

  test("believes no header without a proxy", () => {
    assert.equal(clientAddress(forwarded("192.0.2.1"), 0), direct);
  });

  test("takes what the outermost trusted proxy wrote", () => {
    assert.equal(clientAddress(forwarded("6.6.6.6, 192.0.2.1"), 1), "192.0.2.1");
    assert.equal(clientAddress(forwarded("6.6.6.6, 192.0.2.1, 10.0.0.1"), 2), "192.0.2.1");
  });

  test("falls back to the connection's own address when the header is short or no address", () => {
    assert.equal(clientAddress(forwarded("192.0.2.1"), 2), direct);
    assert.equal(clientAddress(forwarded("nonsense"), 1), direct);
    assert.equal(clientAddress(requestFrom(direct, {}), 1), direct);
  });

  test("knows mapped IPv4 addresses for what they are", () => {
    assert.equal(clientAddress(requestFrom("::ffff:192.0.2.9", {}), 0), "192.0.2.9");
  });
});

test("addressKey puts an IPv6 network of 64 bits together", () => {
  assert.equal(addressKey("192.0.2.1"), "192.0.2.1");
  assert.equal(addressKey("2001:db8::1"), addressKey("2001:0db8:0:0:ffff::2"));
  assert.notEqual(addressKey("2001:db8::1"), addressKey("2001:db8:0:1::1"));
  assert.equal(addressKey("::1"), "0:0:0:0");
});

describe("originAllowed", () => {
  const from = (origin: string | undefined, host = "meet.example") =>
    requestFrom("192.0.2.1", { host, ...(origin === undefined ? {} : { origin }) });

  test("takes the same host, whatever ends its TLS, and clients that are no browsers", () => {
    assert.equal(originAllowed(from("https://meet.example"), []), true);
    assert.equal(originAllowed(from("https://meet.example:8443", "Meet.Example:8443"), []), true);
    assert.equal(originAllowed(from(undefined), []), true);
  });

  test("refuses others, unless they are listed", () => {
    const stranger = from("https://other.example");
    assert.equal(originAllowed(stranger, []), false);
    assert.equal(originAllowed(from("null"), []), false);
    assert.equal(originAllowed(from("https://meet.example.evil.example"), []), false);
    assert.equal(originAllowed(stranger, ["https://other.example"]), true);
    assert.equal(originAllowed(stranger, ["*"]), true);
  });
});

test("resume tokens are random, and compared whole", () => {
  const token = newResumeToken();
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(token, newResumeToken());
  assert.equal(sameToken(token, token), true);
  assert.equal(sameToken(`${token}A`, token), false);
  assert.equal(sameToken("", token), false);
});
