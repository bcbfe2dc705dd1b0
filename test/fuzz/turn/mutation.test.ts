import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../src/lib/clock.ts";
import { FencedCore } from "../../../src/turn/node-turn/fenced-core.ts";
import { method } from "../../../src/turn/wire/stun.ts";
import { StreamFramer } from "../../../src/turn/wire/stream-framer.ts";
import { TurnCoreLab } from "../../support/turn-core-lab.ts";
import { turnRequest } from "../../support/turn-request.ts";
import { assertEmpty, MutationSender, runCoreMutations } from "./core-mutations.ts";
import { PacketMutator, sendIndication } from "./packet-mutator.ts";
import { runThreadMutations } from "./thread-mutations.ts";

// Short: `node test/fuzz/turn/run.ts` sends 200,000.
test("mutated packets leave core and memory as they were", async () => {
  await runCoreMutations({ packets: 20_000, seed: "turn mutations" });
});

test("mutated packets over real sockets leave thread and process as they were", async () => {
  await runThreadMutations({ packets: 10_000, seed: "turn mutations" });
});

test("mutated packets do node-turn no harm behind its fences", async () => {
  // The package reads the system's clock, so this one has to stand where that is.
  const lab = new TurnCoreLab(
    { peers: { allowed: [{ range: "198.51.100.0/24" }], denied: [], others: "refuse" } },
    (parts) => new FencedCore({ ...parts, clock: systemClock }),
  );
  lab.clock.advance(Date.now() - lab.clock.now());
  const sender = new MutationSender(lab, "node-turn");
  // A client that goes away, so that others come.
  await sender.send(5_000, (link) => {
    lab.core.linkClosed(link);
  });
  const { totals, drops } = lab.counters.snapshot();
  assert.ok(totals.allocationsCreated > 50, `${totals.allocationsCreated} allocations`);
  assert.ok(totals.packetsFromClients > 100 && totals.packetsToClients > 100);
  assert.equal(drops.fault, 0);
  assert.deepEqual(lab.faults, []);
  lab.core.close("the test is over");
  assertEmpty(lab);
});

test("mutated streams never make the framer throw, hold too much, or deliver a wrong size", () => {
  const limit = 2_048;
  const mutator = new PacketMutator("streams");
  let delivered = 0;
  const valid = [sendIndication(), turnRequest({ method: method.binding })];
  for (let stream = 0; stream < 2_000; stream += 1) {
    const framer = new StreamFramer({
      onFrame: (_buffer, start, end) => {
        assert.ok(end - start >= 4 && end - start <= limit);
        delivered += 1;
      },
      frameBytesMax: () => limit,
    });
    const bytes = mutator.mutated(Buffer.concat([...valid, ...valid]));
    for (let at = 0; at < bytes.length;) {
      const size = 1 + Math.floor(mutator.random() * 40);
      if (!framer.push(bytes.subarray(at, at + size))) break;
      assert.ok(framer.pending <= limit);
      at += size;
    }
  }
  assert.ok(delivered > 1_000);
});
