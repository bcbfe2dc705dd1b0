import assert from "node:assert/strict";
import { isIP, SocketAddress } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { formatAddress, parseAddress } from "../../../src/turn/ip/address.ts";
import { inRange, parseRange, rangeOf } from "../../../src/turn/ip/range.ts";

test("IPv4 and IPv6 addresses survive reading and writing", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const family = isIP(text) === 4 ? "ipv4" : "ipv6";
      const address = parseAddress(text);
      assert.ok(address !== undefined);
      // The kernel's own spelling, in which Node names the senders of datagrams.
      assert.equal(formatAddress(address), new SocketAddress({ address: text, family }).address);
    }),
    { seed: 4291, numRuns: 500 },
  );
});

test("what is no address is none", () => {
  for (const text of [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.256",
    "::1::",
    "localhost",
    "0x7f000001",
  ]) {
    assert.equal(parseAddress(text), undefined, text);
  }
});

test("a zone is not part of the address", () => {
  assert.deepEqual(parseAddress("fe80::1%eth0"), parseAddress("fe80::1"));
});

test("ranges hold their addresses and no others", () => {
  const cases: [string, string, boolean][] = [
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["192.168.1.7", "192.168.1.7", true],
    ["192.168.1.7", "192.168.1.8", false],
    ["0.0.0.0/0", "255.1.2.3", true],
    ["0.0.0.0/0", "::1", false],
    ["fc00::/7", "fdff::1", true],
    ["fc00::/7", "fe00::1", false],
    ["2001:db8:0:8000::/49", "2001:db8:0:ffff::1", true],
    ["2001:db8:0:8000::/49", "2001:db8:0:7fff::1", false],
    // The bits behind the prefix mean nothing.
    ["10.1.2.3/8", "10.9.9.9", true],
    ["::/0", "ff02::1", true],
  ];
  for (const [range, text, holds] of cases) {
    const address = parseAddress(text);
    assert.ok(address !== undefined);
    assert.equal(inRange(rangeOf(range), address), holds, `${text} in ${range}`);
  }
});

test("what is no range is none", () => {
  for (const text of [
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "ten/8",
  ]) {
    assert.equal(parseRange(text), undefined, text);
  }
  assert.throws(() => rangeOf("ten/8"), TypeError);
});
