import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CoturnLog } from "../../../src/turn/coturn/coturn-log.ts";
import { coturnConfig } from "../../../src/turn/coturn/coturn-config.ts";
import { peerLists } from "../../../src/turn/coturn/peer-lists.ts";
import type { Address } from "../../../src/turn/ip/address.ts";
import { formatAddress, parseAddress } from "../../../src/turn/ip/address.ts";
import { PeerPolicy } from "../../../src/turn/peer-policy.ts";
import type { TurnPeerOptions } from "../../../src/turn/turn-options.ts";
import { TurnCounters } from "../../../src/turn/turn-stats.ts";
import { turnOptions } from "../../support/turn-lab-options.ts";

const files = {
  config: "/run/x/turnserver.conf",
  database: "/run/x/secrets.sqlite",
  pid: "/run/x/pid",
  certificate: "/run/x/certificate.pem",
  key: "/run/x/key.pem",
};

function numberOf(text: string): bigint {
  const { family, w0, w1, w2, w3 } = parseAddress(text) ?? assert.fail(`no address: ${text}`);
  if (family === 4) return BigInt(w0);
  return [w0, w1, w2, w3].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
}

function covers(spans: readonly string[], address: Address): boolean {
  const value = numberOf(formatAddress(address));
  return spans.some((span) => {
    const [first = "", last = first] = span.split("-");
    return (
      parseAddress(first)?.family === address.family &&
      numberOf(first) <= value &&
      value <= numberOf(last)
    );
  });
}

const word = fc.integer({ min: 0, max: 0xffffffff });
/** Near the edges of what the rules name, where mistakes would be. */
const address = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(0x0a000000, 0x0a0000ff, 0x7f000001, 0xa9fea9fe, 0x08080808),
      fc.integer({ min: -2, max: 2 }),
    )
    .map(([base, step]): Address => ({ family: 4, w0: (base + step) >>> 0, w1: 0, w2: 0, w3: 0 })),
  word.map((w0): Address => ({ family: 4, w0, w1: 0, w2: 0, w3: 0 })),
  fc
    .tuple(fc.constantFrom(0x20010db8, 0x2a000000, 0xfe800000, 0x0064ff9b, 0, 0x20020808), word)
    .map(([w0, w3]): Address => ({ family: 6, w0, w1: 0, w2: 0, w3 })),
);
const rule = fc
  .constantFrom(
    "10.0.0.0/24",
    "10.0.0.8/29",
    "127.0.0.1",
    "8.8.8.0/24",
    "2a00::/16",
    "::1",
    "0.0.0.0/0",
  )
  .map((range) => ({ range }));

test("coturn's lists allow what our policy allows, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 3 }),
      fc.array(rule, { maxLength: 3 }),
      fc.constantFrom("refuse" as const, "allow-public" as const),
      address,
      (allowed, denied, others, peer) => {
        const peers: TurnPeerOptions = { allowed, denied, others };
        const lists = peerLists(turnOptions({ peers }));
        // As coturn reads them: the first list wins, and what is in neither may be reached.
        const reached = covers(lists.allowed, peer) || !covers(lists.denied, peer);
        assert.equal(reached, new PeerPolicy(peers).refusalOfAddress(peer) === undefined);
      },
    ),
    { numRuns: 600, seed: 5 },
  );
});

test("loopback is opened only when a rule names it", () => {
  const lists = (range: string) =>
    peerLists(turnOptions({ peers: { allowed: [{ range }], denied: [], others: "refuse" } }));
  assert.equal(lists("10.0.0.0/8").loopback, false);
  assert.equal(lists("127.0.0.5").loopback, true);
  assert.equal(lists("::1").loopback, true);
});

test("the configuration says what our options say", () => {
  const options = turnOptions({
    engine: "coturn",
    listeners: [
      { protocol: "udp", address: "10.0.0.5", port: 3_478 },
      { protocol: "udp", address: "::", port: 3_478 },
    ],
    relay: {
      addresses: [{ address: "10.0.0.5", external: "8.8.4.4" }],
      ports: { min: 50_000, max: 50_999 },
    },
    peers: { allowed: [], denied: [], others: "refuse" },
    limits: { allocations: 7, allocationsPerCredential: 3, bandwidthBytesPerS: 9_000 },
  });
  const lines = coturnConfig(options, options.listeners, files).trimEnd().split("\n");
  for (const line of [
    "listening-ip=10.0.0.5",
    "listening-port=3478",
    "no-tcp",
    "no-tls",
    "no-dtls",
    "relay-ip=10.0.0.5",
    "external-ip=8.8.4.4/10.0.0.5",
    "min-port=50000",
    "max-port=50999",
    "no-multicast-peers",
    "denied-peer-ip=0.0.0.0-255.255.255.255",
    "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "total-quota=7",
    "user-quota=3",
    "max-bps=9000",
    "use-auth-secret",
    "realm=turn.test",
    "no-cli",
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(!lines.some((line) => line.startsWith("allowed-peer-ip") || line.includes("loopback")));
  assert.ok(!lines.includes("listening-ip=::"), "a wildcard is said by naming none");
});

test("coturn's log is counted, however it is cut, and told twice counts once", () => {
  const counters = new TurnCounters();
  const policy = new PeerPolicy({ allowed: [], denied: [], others: "allow-public" });
  const log = new CoturnLog(counters, policy);
  const text = [
    "1: : session 001: realm <r> user <>: incoming packet message processed, error 401: Unauthorized",
    "1: : session 001: new, realm=<r>, username=<9:a>, lifetime=600",
    "1: : session 002: realm <r> user <9:b>: incoming packet message processed, error 401: Unauthorized",
    "1: : session 001: realm <r> user <9:a>: incoming packet ALLOCATE processed, error 437: Wrong",
    "1: : session 001: realm <r> user <9:a>: incoming packet message processed, error 437: Wrong",
    "1: : ERROR: A peer IP 169.254.169.254 denied in the range: 0.0.0.0-255.255.255.255",
    "1: : ERROR: A peer IP 8.8.8.8 denied in the range: 0.0.0.0-255.255.255.255",
    "1: : IPv4. tcp or tls connected to: 192.0.2.1:38566",
    "1: : IPv6. tcp or tls connected to: [2001:db8::1]:38566",
    "2: : session 001: peer usage: realm=<r>, username=<9:a>, rp=3, rb=30, sp=5, sb=50",
    "",
  ].join("\n");
  for (const character of text) log.push(character);
  const { gauges, totals, refusals, peerRefusals } = counters.snapshot();
  assert.equal(gauges.allocations, 1);
  assert.equal(gauges.connections, 2);
  assert.equal(peerRefusals["link-local"], 1);
  assert.equal(peerRefusals.denied, 1);
  assert.equal(refusals.challenge, 1);
  assert.equal(refusals["bad-credential"], 1);
  assert.equal(refusals["no-allocation"], 1);
  assert.deepEqual(
    [
      totals.packetsToClients,
      totals.bytesToClients,
      totals.packetsFromClients,
      totals.bytesFromClients,
    ],
    [3, 30, 5, 50],
  );
  log.push("3: : session 001: delete: realm=<r>, username=<9:a>\n");
  log.push(
    "3: : session 001: closed (2nd stage), user <9:a> realm <r> origin <>, local 192.0.2.9:3478, remote 192.0.2.1:38566, reason: x\n",
  );
  assert.equal(counters.snapshot().gauges.allocations, 0);
  assert.equal(counters.snapshot().gauges.connections, 1);
});
