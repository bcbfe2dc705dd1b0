import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { z } from "zod";
import { runInOwnNetwork } from "../support/own-network.ts";
import type { FirewallResult } from "./blocked-udp/firewall-result.ts";

const SCENARIO = new URL("blocked-udp/scenario.ts", import.meta.url);
/** What the project promises. */
const COST_MS = 2_000;

const results = z.array(
  z.strictObject({ firewall: z.string(), ways: z.array(z.string()), firstPictureMs: z.number() }),
);

describe("behind a firewall that drops without a word", () => {
  let seen: readonly FirewallResult[];

  before(async () => {
    seen = results.parse(await runInOwnNetwork(SCENARIO));
  });

  function resultOf(firewall: string): FirewallResult {
    return seen.find((each) => each.firewall === firewall) ?? assert.fail(`no ${firewall}`);
  }

  it("is the open network that the others are compared to", () => {
    for (const way of resultOf("open").ways) assert.match(way, /^(host|prflx) udp$/);
  });

  for (const [firewall, ways] of [
    ["no UDP", /^(host|prflx|relay) tcp$/],
    ["no UDP, no port of the SFU", /^relay (tcp|tls)$/],
    ["TLS only", /^relay tls$/],
  ] as const) {
    it(`${firewall}: pictures come less than two seconds later`, (t) => {
      const result = resultOf(firewall);
      assert.equal(result.ways.length, 2);
      for (const way of result.ways) assert.match(way, ways);
      const [open, blocked] = [resultOf("open").firstPictureMs, result.firstPictureMs];
      t.diagnostic(`first picture after ${blocked} ms, ${open} ms on the open network`);
      assert.ok(blocked - open < COST_MS, `${blocked} ms, ${open} ms on the open network`);
    });
  }
});
