import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadConfig } from "../../../src/config/index.ts";
import { localAddresses } from "../../../src/server/local-addresses.ts";
import { originAt, originsOf } from "../../../src/server/origins.ts";

function origins(...flags: string[]) {
  return originsOf(loadConfig({ flags, environment: {} }), 3000);
}

describe("originsOf", () => {
  it("keeps to this machine while it listens on loopback", () => {
    const main = "http://localhost:3000";
    assert.deepEqual(origins(), { main, network: [], invitation: main });
  });

  it("invites to the network's address where that is served over HTTPS", () => {
    const { main, network, invitation } = origins("--http-host", "192.0.2.7", "--tls-development");
    assert.equal(main, "https://192.0.2.7:3000");
    assert.deepEqual(network, [main]);
    assert.equal(invitation, main);
    const everywhere = origins("--http-host", "0.0.0.0", "--tls-development");
    assert.equal(everywhere.main, "https://localhost:3000");
    const [first] = localAddresses();
    const expected = first === undefined ? everywhere.main : originAt("https", first, 3000);
    assert.equal(everywhere.invitation, expected);
  });

  it("invites to localhost where browsers elsewhere would get no camera", () => {
    assert.equal(origins("--http-host", "0.0.0.0").invitation, "http://localhost:3000");
  });

  it("invites to the public address where there is one", () => {
    const publicUrl = "https://calls.example.org";
    const { main, invitation } = origins("--http-host", "0.0.0.0", "--http-public-url", publicUrl);
    assert.deepEqual([main, invitation], [publicUrl, publicUrl]);
  });

  it("writes origins as browsers do", () => {
    assert.equal(originAt("https", "calls.example.org", 443), "https://calls.example.org");
    assert.equal(originAt("http", "::1", 3_000), "http://[::1]:3000");
  });
});
