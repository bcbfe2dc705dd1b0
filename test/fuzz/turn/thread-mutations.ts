import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { EngineLab } from "../../support/turn-engines.ts";
import type { TurnClient } from "../../support/turn-client.ts";
import type { MutationRun } from "./core-mutations.ts";
import { PacketMutator } from "./packet-mutator.ts";

/** As many as a socket's buffer takes without loss while the thread is busy. */
const batch = 200;
const batchPauseMs = 5;
/**
 * The heaps of both threads grow before they are collected: 57 to 84 MB were seen after 200,000 packets,
 * in steps that ended. One kilobyte left behind by each would be 200 MB.
 */
const leftBytesMax = 128 * 1024 * 1024;

/**
 * The same against a relay in its own thread, over real sockets. Throws where it died, failed on a
 * packet, or holds more than before. Resolves with how much the process grew.
 */
export async function runThreadMutations({ packets, seed }: MutationRun): Promise<number> {
  const lab = await EngineLab.start("builtin", {
    peers: { allowed: [{ range: "127.0.0.1" }], denied: [], others: "refuse" },
  });
  const faults: string[] = [];
  lab.engine.events.on("engine:fault", ({ reason }) => faults.push(reason));
  const socket = createSocket({ type: "udp4", sendBufferSize: 4 * 1024 * 1024 });
  try {
    const { port } = lab.listener();
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    const mutator = new PacketMutator(seed);
    const send = async (count: number) => {
      // Another nonce each time, of another path: what is proven is proven by a client of its own.
      const client = await lab.client("mutated");
      await client.challenge();
      for (let sent = 0; sent < count; sent += 1) {
        const bytes = mutator.packet(sealOf(lab, client));
        if (sent % 2 === 0) client.raw(bytes);
        else socket.send(bytes);
        if (sent % batch === batch - 1) await delay(batchPauseMs);
      }
    };
    await send(packets / 4);
    const before = process.memoryUsage().rss;
    await send(packets);
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < leftBytesMax, `the process grew by ${grown} bytes`);
    const survivor = await lab.client("survivor");
    assert.ok((await survivor.allocate()).ok, "it serves on");
    const { restarts, drops, refusals } = lab.engine.stats();
    assert.equal(restarts, 0);
    assert.equal(drops.fault, 0);
    assert.ok(drops.malformed > packets / 50 && refusals["bad-request"] > 0, "it was reached");
    assert.deepEqual(faults, []);
    return grown;
  } finally {
    socket.close();
    await lab.close();
  }
}

function sealOf(lab: EngineLab, { realm, nonce }: TurnClient) {
  return { credential: lab.credential("mutated"), realm, nonce };
}
