import assert from "node:assert/strict";
import { test } from "node:test";
import { CredentialVerifier } from "../../../src/turn/core/credential-verifier.ts";
import { issueCredential, longTermKey, parseUsername } from "../../../src/turn/credentials.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const realm = "turn.test";
const secret = "north";

function proofOf(username: string, password: string): (key: Buffer) => boolean {
  const key = longTermKey(username, realm, password);
  return (candidate) => candidate.equals(key);
}

test("issues what coturn's use-auth-secret expects", () => {
  const clock = new ManualClock(1_699_996_400_000);
  const credential = issueCredential({ secret, id: "alice", lifetimeMs: 3_600_000 }, clock);
  // Computed by: printf %s 1700000000:alice | openssl dgst -sha1 -hmac north -binary | base64
  assert.deepEqual(credential, {
    username: "1700000000:alice",
    password: "Cd/49soE35ICqcJF/bCTn8Z4OyE=",
    expiresAtMs: 1_700_000_000_000,
  });
});

test("refuses ids that would break the username, or that are none", () => {
  const clock = new ManualClock();
  for (const id of ["", "a:b", "a b", "ä", "x".repeat(129), "a\n"]) {
    assert.throws(() => issueCredential({ secret, id, lifetimeMs: 1_000 }, clock), RangeError);
  }
  for (const lifetimeMs of [Number.NaN, Infinity, -1e12]) {
    assert.throws(() => issueCredential({ secret, id: "a", lifetimeMs }, clock), RangeError);
  }
});

test("reads only the one form of a username", () => {
  assert.deepEqual(parseUsername("12:alice"), {
    username: "12:alice",
    id: "alice",
    expiresAtMs: 12_000,
  });
  const wrong = [
    "constructor",
    "__proto__",
    "12",
    "12:",
    ":alice",
    "1e3:a",
    "-1:a",
    "12:a:b",
    "1".repeat(13) + ":a",
  ];
  for (const username of wrong) assert.equal(parseUsername(username), undefined, username);
});

test("accepts the credentials of every secret until they expire", () => {
  const clock = new ManualClock();
  const verifier = new CredentialVerifier(realm, ["new", "old"], clock);
  for (const each of ["new", "old"]) {
    const { username, password } = issueCredential(
      { secret: each, id: "alice", lifetimeMs: 60_000 },
      clock,
    );
    const verified = verifier.verify(username, proofOf(username, password));
    assert.ok(typeof verified === "object");
    assert.equal(verified.id, "alice");
    assert.ok(verified.key.equals(longTermKey(username, realm, password)));
  }
});

test("refuses expired, foreign and altered credentials", () => {
  const clock = new ManualClock();
  const verifier = new CredentialVerifier(realm, ["new", "old"], clock);
  const options = { secret: "new", id: "alice", lifetimeMs: 60_000 };
  const { username, password } = issueCredential(options, clock);
  const foreign = issueCredential({ ...options, secret: "foreign" }, clock);
  assert.equal(
    verifier.verify(foreign.username, proofOf(foreign.username, foreign.password)),
    "unknown",
  );
  const prolonged = username.replace(/^\d+/, (expiry) => String(Number(expiry) + 1));
  assert.equal(verifier.verify(prolonged, proofOf(prolonged, password)), "unknown");
  clock.advance(60_000);
  assert.equal(verifier.verify(username, proofOf(username, password)), "expired");
  assert.equal(
    verifier.verify(username, () => false),
    "unknown",
  );
});
