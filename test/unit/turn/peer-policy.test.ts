import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerRefusal } from "../../../src/turn/peer-policy.ts";
import { PeerPolicy } from "../../../src/turn/peer-policy.ts";
import type { TurnPeerOptions } from "../../../src/turn/turn-options.ts";
import { endpoint } from "../../support/turn-client.ts";

function policy(changes: Partial<TurnPeerOptions> = {}): PeerPolicy {
  return new PeerPolicy({ allowed: [], denied: [], others: "allow-public", ...changes });
}

const special: [string, PeerRefusal][] = [
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["::1", "loopback"],
  ["169.254.169.254", "link-local"],
  ["169.254.0.1", "link-local"],
  ["fe80::1", "link-local"],
  ["febf::1", "link-local"],
  ["10.0.0.1", "private"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.0.1", "private"],
  ["100.64.0.1", "private"],
  ["100.100.100.200", "private"],
  ["fd00:ec2::254", "private"],
  ["fc00::1", "private"],
  ["192.0.0.192", "reserved"],
  ["198.18.0.1", "reserved"],
  ["203.0.113.9", "reserved"],
  ["240.0.0.1", "reserved"],
  ["2001:db8::1", "reserved"],
  ["100::1", "reserved"],
  ["::127.0.0.1", "reserved"],
];

const never: [string, PeerRefusal][] = [
  ["0.0.0.0", "unspecified"],
  ["0.1.2.3", "unspecified"],
  ["::", "unspecified"],
  ["224.0.0.1", "multicast"],
  ["239.255.255.255", "multicast"],
  ["ff02::1", "multicast"],
  ["255.255.255.255", "broadcast"],
  ["::ffff:127.0.0.1", "embedded-ipv4"],
  ["::ffff:a9fe:a9fe", "embedded-ipv4"],
  ["0:0:0:0:0:ffff:8.8.8.8", "embedded-ipv4"],
  ["::ffff:0:127.0.0.1", "embedded-ipv4"],
  ["64:ff9b::7f00:1", "embedded-ipv4"],
  ["64:ff9b:1::7f00:1", "embedded-ipv4"],
  ["2002:7f00:1::", "embedded-ipv4"],
  ["2001:0:1234::1", "embedded-ipv4"],
];

const everything = [{ range: "0.0.0.0/0" }, { range: "::/0" }];

for (const [address, reason] of [...special, ...never]) {
  test(`${address} is ${reason}, for a permission and for a packet`, () => {
    const peer = endpoint(address, 40_000);
    assert.equal(policy().refusalOfAddress(peer), reason);
    assert.equal(policy().refusalOf(peer), reason);
  });
}

test("public addresses are open only where others are", () => {
  for (const address of ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"]) {
    const peer = endpoint(address, 40_000);
    assert.equal(policy().refusalOf(peer), undefined, address);
    assert.equal(policy().refusalOfAddress(peer), undefined, address);
    assert.equal(policy({ others: "refuse" }).refusalOf(peer), "unlisted", address);
    assert.equal(policy({ others: "refuse" }).refusalOfAddress(peer), "unlisted", address);
  }
});

test("a rule opens special addresses, but none that is no host", () => {
  const open = policy({ allowed: everything });
  for (const [address] of special) {
    assert.equal(open.refusalOf(endpoint(address, 40_000)), undefined, address);
  }
  for (const [address, reason] of never) {
    assert.equal(open.refusalOf(endpoint(address, 40_000)), reason, address);
    assert.equal(open.refusalOfAddress(endpoint(address, 40_000)), reason, address);
  }
});

test("a rule for ports opens a permission for the address and packets to these ports only", () => {
  const sfu = policy({
    allowed: [{ range: "10.0.0.5", ports: { min: 40_000, max: 40_001 } }],
    others: "refuse",
  });
  assert.equal(sfu.refusalOfAddress(endpoint("10.0.0.5", 0)), undefined);
  assert.equal(sfu.refusalOf(endpoint("10.0.0.5", 40_001)), undefined);
  assert.equal(sfu.refusalOf(endpoint("10.0.0.5", 40_002)), "private");
  assert.equal(sfu.refusalOf(endpoint("10.0.0.6", 40_000)), "private");
});

test("a denied rule wins over an allowed one", () => {
  const rules = policy({
    allowed: [{ range: "10.0.0.0/8" }],
    denied: [{ range: "10.0.0.7" }, { range: "10.0.0.8", ports: { min: 22, max: 22 } }],
  });
  assert.equal(rules.refusalOfAddress(endpoint("10.0.0.7", 1)), "denied");
  assert.equal(rules.refusalOf(endpoint("10.0.0.7", 1)), "denied");
  // Only a port of it is denied, so the address as such is not.
  assert.equal(rules.refusalOfAddress(endpoint("10.0.0.8", 1)), undefined);
  assert.equal(rules.refusalOf(endpoint("10.0.0.8", 22)), "denied");
  assert.equal(rules.refusalOf(endpoint("10.0.0.8", 23)), undefined);
});

test("port 0 is no peer", () => {
  assert.equal(policy({ allowed: everything }).refusalOf(endpoint("10.0.0.1", 0)), "port");
});

test("nothing opens the node's own listeners", () => {
  const rules = policy({ allowed: everything });
  const own = {
    listeners: [endpoint("8.8.8.8", 3478)],
    addresses: [],
    relayPorts: { min: 1, max: 1 },
  };
  rules.protect(own);
  assert.equal(rules.refusalOf(endpoint("8.8.8.8", 3478)), "own-listener");
  assert.equal(rules.refusalOf(endpoint("8.8.8.8", 3479)), undefined);
});

test("the node's public address is open in the relay port range, and where a rule says so", () => {
  const own = {
    listeners: [],
    addresses: [endpoint("8.8.8.8", 0)],
    relayPorts: { min: 50_000, max: 50_100 },
  };
  const open = policy();
  open.protect(own);
  assert.equal(open.refusalOf(endpoint("8.8.8.8", 50_050)), undefined);
  assert.equal(open.refusalOf(endpoint("8.8.8.8", 22)), "own-address");
  const listed = policy({ allowed: [{ range: "8.8.8.8", ports: { min: 40_000, max: 40_000 } }] });
  listed.protect(own);
  assert.equal(listed.refusalOf(endpoint("8.8.8.8", 40_000)), undefined);
  assert.equal(listed.refusalOf(endpoint("8.8.8.8", 22)), "own-address");
});

test("a rule that is no range is refused", () => {
  assert.throws(() => policy({ allowed: [{ range: "my-sfu" }] }), RangeError);
});
