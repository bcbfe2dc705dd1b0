import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadConfig } from "../../../src/config/index.ts";
import { localAddresses } from "../../../src/server/local-addresses.ts";
import { mediaAddresses, relayAddresses } from "../../../src/server/media/media-addresses.ts";

const configOf = (...flags: string[]) =>
  loadConfig({
    flags,
    environment: { APARTE_TURN_SECRETS: "s".repeat(32) },
    workingDirectory: "/",
  });
const local = ["192.0.2.5", "2001:db8::5"];

describe("mediaAddresses", () => {
  for (const [flags, expected] of [
    [[], ["127.0.0.1"]],
    [["--http-host", "localhost"], ["127.0.0.1"]],
    [["--http-host", "0.0.0.0"], local],
    [["--http-host", "::"], local],
    [["--http-host", "192.0.2.5"], ["192.0.2.5"]],
    [["--http-public-url", "https://calls.example.org"], local],
    [["--sfu-addresses", "10.0.0.5=203.0.113.9"], ["10.0.0.5"]],
    [["--roles", "turn"], local],
  ] as const) {
    it(`${flags.join(" ") || "nothing configured"}: ${expected.join(", ")}`, () => {
      const found = mediaAddresses(configOf(...flags), local);
      assert.deepEqual(
        found.map(({ ip }) => ip),
        expected,
      );
    });
  }

  it("is loopback on a machine without a network", () => {
    assert.deepEqual(mediaAddresses(configOf("--http-host", "0.0.0.0"), []), [{ ip: "127.0.0.1" }]);
  });
});

describe("relayAddresses", () => {
  it("takes the first media address of each family, announced as an address only", () => {
    const media = [
      { ip: "10.0.0.5", announced: "203.0.113.9" },
      { ip: "10.0.0.6" },
      { ip: "2001:db8::5", announced: "media.example.org" },
    ];
    assert.deepEqual(relayAddresses(configOf(), media), [
      { ip: "10.0.0.5", announced: "203.0.113.9" },
      { ip: "2001:db8::5" },
    ]);
  });

  it("takes what is configured", () => {
    const config = configOf("--turn-relay-addresses", "10.0.0.7=203.0.113.7");
    assert.deepEqual(relayAddresses(config, []), [{ ip: "10.0.0.7", announced: "203.0.113.7" }]);
  });
});

describe("localAddresses", () => {
  it("leaves loopback and link-local ones out and puts IPv4 first", () => {
    const address = (text: string, family: "IPv4" | "IPv6", internal = false) => ({
      address: text,
      family,
      internal,
      netmask: "",
      mac: "",
      cidr: null,
      scopeid: 0,
    });
    const found = localAddresses({
      lo: [address("127.0.0.1", "IPv4", true), address("::1", "IPv6", true)],
      eth0: [
        address("fe80::1", "IPv6"),
        address("2001:db8::5", "IPv6"),
        address("169.254.3.4", "IPv4"),
        address("192.0.2.5", "IPv4"),
      ],
    });
    assert.deepEqual(found, ["192.0.2.5", "2001:db8::5"]);
  });
});
