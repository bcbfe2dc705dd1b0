import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTurnOptions } from "../../../src/turn/check-options.ts";
import { createTurnEngine } from "../../../src/turn/create-turn-engine.ts";
import type { TurnOptions } from "../../../src/turn/turn-options.ts";
import { turnOptions } from "../../support/turn-lab-options.ts";

const good = turnOptions();
const [relay] = good.relay.addresses;
const tls = { cert: "a certificate", key: "a key" };

const bad: [string, Partial<TurnOptions>][] = [
  ["no TURN listener", { listeners: [] }],
  ["IP address", { listeners: [{ protocol: "udp", address: "localhost", port: 1 }] }],
  ["out of range", { listeners: [{ protocol: "udp", address: "::1", port: 65_536 }] }],
  ["tls only", { listeners: [{ protocol: "tls", address: "::1", port: 1 }] }],
  ["tls only", { listeners: [{ protocol: "udp", address: "::1", port: 1, tls }] }],
  ["no relay address", { relay: { ...good.relay, addresses: [] } }],
  ["wildcard", { relay: { ...good.relay, addresses: [{ address: "0.0.0.0" }] } }],
  ["wildcard", { relay: { ...good.relay, addresses: [{ address: "0::0" }] } }],
  ["IP address", { relay: { ...good.relay, addresses: [{ address: "relay" }] } }],
  [
    "two families",
    { relay: { ...good.relay, addresses: [{ address: "10.0.0.1", external: "::1" }] } },
  ],
  [
    "port range",
    { relay: { addresses: relay === undefined ? [] : [relay], ports: { min: 9, max: 8 } } },
  ],
  ["realm", { realm: 'a "realm"' }],
  ["no TURN secret", { secrets: [] }],
  ["under 32", { secrets: ["short"] }],
  ["address range", { peers: { ...good.peers, allowed: [{ range: "sfu" }] } }],
  [
    "port range",
    { peers: { ...good.peers, denied: [{ range: "::1", ports: { min: 0, max: 1 } }] } },
  ],
  ["allocations", { limits: { ...good.limits, allocations: 0 } }],
  ["nonceLifetimeMs", { limits: { ...good.limits, nonceLifetimeMs: Number.NaN } }],
  ["lifetime", { limits: { ...good.limits, lifetimeDefaultMs: 2, lifetimeMaxMs: 1 } }],
];

test("good options pass", () => {
  checkTurnOptions(good);
});

for (const [finding, changes] of bad) {
  test(`${JSON.stringify(changes)} is refused: ${finding}`, () => {
    assert.throws(
      () => createTurnEngine({ ...good, ...changes }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "bad-options");
        assert.ok(error.message.includes(finding), error.message);
        assert.ok(!error.message.includes("short"), "a secret is never repeated");
        return true;
      },
    );
  });
}
