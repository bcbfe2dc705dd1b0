import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SimClient } from "./sim-client.ts";
import { SETTLING_MS, SimCall } from "./sim-call.ts";

const epochOf = (client: SimClient | undefined) => client?.last?.keys.epoch ?? 0;

suite("a storm", () => {
  test("of newcomers ends in one group after few epochs", async (context) => {
    const call = await SimCall.of(2);
    context.after(() => call.close());
    const before = epochOf(call.clients[0]);
    for (let coming = 0; coming < 16; coming += 1) {
      call.join();
      await call.time.pass(5);
    }
    await call.time.pass(SETTLING_MS, () => call.agree());
    assert(call.agree());
    assert(epochOf(call.clients[0]) - before <= 5, `${epochOf(call.clients[0]) - before} epochs`);
  });

  test("of leavers does too, and those who stay are not kept waiting by it", async (context) => {
    const call = await SimCall.of(14);
    context.after(() => call.close());
    const [first] = call.clients;
    const before = epochOf(first);
    const startMs = call.time.now();
    const leavers = call.clients.splice(3, 10);
    // Over a second, each sooner after the former than the window is long.
    for (const leaver of leavers) {
      void leaver.leave();
      await call.time.pass(90);
    }
    const duringMs = call.time.now() - startMs;
    assert(duringMs > 800 && epochOf(first) > before, "the first are out before the last go");
    await call.time.pass(SETTLING_MS, () => call.agree());
    assert(call.agree());
    assert(epochOf(first) - before <= 10);
    for (const leaver of leavers) assert(!leaver.keys.has(first?.key ?? ""));
  });

  test("of leavers at one moment takes an epoch, or a second one for news that came late", async (context) => {
    const call = await SimCall.of(10);
    context.after(() => call.close());
    const before = epochOf(call.clients[0]);
    const leavers = call.clients.splice(1, 7);
    for (const leaver of leavers) void leaver.leave();
    await call.time.pass(SETTLING_MS, () => call.agree());
    assert(call.agree());
    assert(epochOf(call.clients[0]) - before <= 2);
  });
});
