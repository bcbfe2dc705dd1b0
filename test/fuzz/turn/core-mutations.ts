import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { attribute, method, udpProtocol } from "../../../src/turn/wire/stun.ts";
import { MemoryLink, succeeded, TurnCoreLab } from "../../support/turn-core-lab.ts";
import type { Seal } from "../../support/turn-request.ts";
import { collectedHeapBytes } from "./collected-heap.ts";
import { PacketMutator } from "./packet-mutator.ts";

export interface MutationRun {
  readonly packets: number;
  readonly seed: string;
}

/** What a run may leave on the heap: caches of the engine, nothing per packet. */
const leftBytesMax = 4 * 1024 * 1024;
const peers = { allowed: [{ range: "198.51.100.0/24" }], denied: [], others: "refuse" } as const;

/** Throws where core or memory are not as they were before. Resolves with how much the heap grew. */
export async function runCoreMutations({ packets, seed }: MutationRun): Promise<number> {
  const lab = new TurnCoreLab({ peers, limits: { allocationsPerCredential: 50 } });
  const sender = new MutationSender(lab, seed);
  await sender.send(packets / 10);
  const before = await collectedHeapBytes();
  await sender.send(packets);
  const grown = (await collectedHeapBytes()) - before;
  assert.ok(grown < leftBytesMax, `the heap grew by ${grown} bytes`);
  assertReached(lab);

  lab.clock.advance(7_200_000);
  assertEmpty(lab);
  const fresh = new MemoryLink(9_999);
  lab.ask(fresh, "someone-new", method.allocate, (writer) =>
    writer.uint32(attribute.requestedTransport, udpProtocol << 24),
  );
  assert.ok(succeeded(fresh), "and a new client is served");
  assert.deepEqual(lab.faults, []);
  lab.core.close("the run is over");
  assert.equal(lab.clock.pending, 0, "no timer is left");
  return grown;
}

/** Sends mutated packets from twenty clients, and from their peers. */
export class MutationSender {
  readonly #lab: TurnCoreLab;
  readonly #mutator: PacketMutator;
  readonly #links = Array.from({ length: 20 }, (_none, index) => new MemoryLink(2_000 + index));
  #lastSeal: Seal = { credential: { username: "1:x", password: "" }, realm: "", nonce: "" };

  constructor(lab: TurnCoreLab, seed: string) {
    this.#lab = lab;
    this.#mutator = new PacketMutator(seed);
  }

  async send(
    count: number,
    every50: (link: MemoryLink) => void = () => this.#lab.clock.advance(10_000),
  ): Promise<void> {
    for (let sent = 0; sent < count; sent += 1) {
      const link = this.#links[sent % this.#links.length];
      assert.ok(link !== undefined);
      // Most with the seal of their own link; the rest with one that was given to another.
      const packet = this.#mutator.packet(sent % 5 === 4 ? this.#lastSeal : this.#sealOf(link));
      this.#lab.say(link, packet);
      const from = this.#mutator.pick(["198.51.100.7", "::1", "8.8.8.8"]);
      this.#lab.network.deliver(this.#mutator.mutated(packet), from, 40_000);
      if (sent % 50 !== 0) continue;
      every50(link);
      // The engine frees what its native objects hold only between turns of the event loop.
      await nextTurn();
    }
  }

  #sealOf(link: MemoryLink): Seal {
    // Now and then with the credential of someone else.
    const id = this.#mutator.random() < 0.05 ? "stranger" : `client-${link.remote.port % 5}`;
    this.#lastSeal = this.#lab.seal(link, id);
    return this.#lastSeal;
  }
}

/** The mutations reached what they were meant to reach. */
function assertReached(lab: TurnCoreLab): void {
  const { refusals, drops, totals } = lab.counters.snapshot();
  const reasons = ["bad-request", "unknown-attribute", "stale-nonce", "bad-credential"] as const;
  for (const reason of reasons) assert.ok(refusals[reason] > 0, reason);
  assert.ok(drops.malformed > 0 && totals.allocationsCreated > 100);
  assert.ok(totals.packetsFromClients > 100 && totals.packetsToClients > 100);
}

export function assertEmpty(lab: TurnCoreLab): void {
  const { gauges } = lab.counters.snapshot();
  const zeros = Object.values(gauges).map(() => 0);
  assert.deepEqual(Object.values(gauges), zeros);
  assert.equal(lab.network.open.size, 0, "no relay socket");
}
