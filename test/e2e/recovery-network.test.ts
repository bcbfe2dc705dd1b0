import assert from "node:assert/strict";
import { it } from "node:test";
import { z } from "zod";
import { runInOwnNetwork } from "../support/own-network.ts";
import { troubleResult } from "./recovery/trouble.ts";

const SCENARIO = new URL("recovery/scenario.ts", import.meta.url);
/** The goal is a second; this holds on a machine that has no time, too. */
const BACK_MS = 10_000;

it("a call comes back on another network, and after thirty seconds without one", async (context) => {
  const lines = await runInOwnNetwork(SCENARIO, ["1", "networkChange", "offline30"]);
  const seen = z.array(troubleResult).parse(lines);
  assert.deepEqual(
    seen.map(({ trouble }) => trouble),
    ["networkChange", "offline30"],
  );
  for (const { trouble, backMs, connectedMs } of seen) {
    const text = `${trouble}: seen ${Math.round(backMs)} ms after the connection, which took ${Math.round(connectedMs)} ms`;
    context.diagnostic(text);
    assert.ok(backMs < BACK_MS, text);
    assert.ok(connectedMs < BACK_MS, text);
  }
});
