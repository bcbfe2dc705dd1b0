import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RelayedTransport } from "../../../../src/client/edge/relay-watch.ts";
import { RelayWatch } from "../../../../src/client/edge/relay-watch.ts";
import type { TransportPath } from "../../../../src/client/edge/transport-path.ts";
import { EdgeWorld } from "./edge-world.ts";

/** A transport whose packets come for as long as the region that it goes through lives. */
class FlowingTransport implements RelayedTransport {
  readonly relayOnly: boolean;
  relayed = true;
  flows = true;
  /** What the browser says of it. */
  connected = true;
  isTold = true;
  restarts = 0;
  region: string | undefined;
  readonly #world: EdgeWorld;
  readonly #startedMs: number;
  #stoppedMs: number | undefined;

  constructor(world: EdgeWorld, relayOnly = false) {
    this.#world = world;
    this.relayOnly = relayOnly;
    this.#startedMs = world.clock.now();
    this.region = world.choice.current;
  }

  get strandedMs(): number {
    if (this.connected || this.#stoppedMs === undefined) return 0;
    return this.#world.clock.now() - this.#stoppedMs;
  }

  async path(): Promise<TransportPath | undefined> {
    const now = this.#world.clock.now();
    if (!this.isTold) return undefined;
    if (!this.flows && this.#stoppedMs === undefined) this.#stoppedMs = now;
    if (this.flows) this.#stoppedMs = undefined;
    const received = Math.floor(((this.#stoppedMs ?? now) - this.#startedMs) / 20);
    return { relayed: this.relayed, protocol: "udp", received };
  }

  async restartIce(): Promise<void> {
    this.restarts += 1;
    this.region = this.#world.choice.current;
    this.flows = this.#world.reachMs.get(this.region ?? "") !== Infinity;
  }
}

async function watched(options: { readonly relayed: boolean; readonly relayOnly?: boolean }) {
  const world = new EdgeWorld({ one: 100, other: 300 });
  void world.choice.learn(world.regions);
  await world.pass(3_000);
  const transports = [1, 2].map(() => new FlowingTransport(world, options.relayOnly));
  for (const transport of transports) transport.relayed = options.relayed;
  const watch = new RelayWatch({
    edges: world.choice,
    clock: world.clock,
    transports: () => transports,
  });
  await world.pass(2_000);
  world.asked.length = 0;
  return { world, transports, watch };
}

describe("a relayed call", () => {
  it("leaves a region that is gone within a second and a half", async () => {
    const { world, transports } = await watched({ relayed: true });
    world.reachMs.set("one", Infinity);
    for (const transport of transports) transport.flows = false;
    await world.pass(1_500);
    assert.deepEqual(
      transports.map(({ region, restarts }) => [region, restarts]),
      [
        ["other", 1],
        ["other", 1],
      ],
    );
  });

  it("leaves it as soon when the relay is gone a second after it was first used", async () => {
    const world = new EdgeWorld({ one: 100, other: 300 });
    const transports: FlowingTransport[] = [];
    new RelayWatch({ edges: world.choice, clock: world.clock, transports: () => transports });
    void world.choice.learn(world.regions);
    // Long enough for a lobby, with nothing to watch yet.
    await world.pass(3_100);
    transports.push(new FlowingTransport(world), new FlowingTransport(world));
    await world.pass(1_200);
    world.reachMs.set("one", Infinity);
    for (const transport of transports) transport.flows = false;
    await world.pass(1_500);
    assert.deepEqual(
      transports.map(({ region }) => region),
      ["other", "other"],
    );
  });

  it("goes on when one of two directions is silent: somebody only listens", async () => {
    const { world, transports } = await watched({ relayed: true });
    const [first] = transports;
    if (first !== undefined) first.flows = false;
    await world.pass(30_000);
    assert.deepEqual(world.asked, []);
  });

  it("asks a few times when all is silent, and makes one new relay where the old one answers", async () => {
    const { world, transports } = await watched({ relayed: true });
    for (const transport of transports) transport.flows = false;
    await world.pass(1_500);
    assert.ok(transports.every(({ restarts }) => restarts === 0));
    await world.pass(60_000);
    assert.ok(transports.every(({ restarts }) => restarts <= 2));
    assert.ok(world.asked.length <= 12, `asked ${world.asked.length} times`);
    assert.equal(world.choice.current, "one");
  });

  it("moves when the browser says that its way is lost, without waiting for silence", async () => {
    const { world, transports, watch } = await watched({ relayed: true });
    world.reachMs.set("one", Infinity);
    void watch.suspect();
    await world.pass(600);
    assert.ok(transports.every(({ region }) => region === "other"));
  });

  it("moves also when the browser tells nothing any more of the way that was lost", async () => {
    const { world, transports, watch } = await watched({ relayed: true });
    world.reachMs.set("one", Infinity);
    for (const transport of transports) transport.isTold = false;
    void watch.suspect();
    await world.pass(600);
    assert.ok(transports.every(({ region }) => region === "other"));
  });

  it("gets a new relay where the region still answers after the way was lost", async () => {
    const { world, transports, watch } = await watched({ relayed: true });
    void watch.suspect();
    await world.pass(200);
    assert.ok(transports.every(({ region, restarts }) => region === "one" && restarts === 1));
  });

  it("moves to a region that has become nearer", async () => {
    const { world, transports } = await watched({ relayed: true });
    world.reachMs.set("one", 900);
    void world.choice.measure();
    await world.pass(3_000);
    assert.ok(transports.every(({ region, restarts }) => region === "other" && restarts === 1));
  });

  it("leaves a relay that gives out nothing any more, while that one still carries it", async () => {
    const { world, transports } = await watched({ relayed: true });
    world.reachMs.set("one", Infinity);
    await world.pass(305_000, 100);
    assert.ok(transports.every(({ region, restarts }) => region === "other" && restarts === 1));
  });

  it("ends with its call", async () => {
    const { world, watch } = await watched({ relayed: true });
    watch.close();
    world.choice.close();
    assert.equal(world.clock.pending, 0);
  });
});

describe("a call that needs no relay", () => {
  it("is left alone, whatever becomes of the regions", async () => {
    const { world, transports, watch } = await watched({ relayed: false });
    for (const transport of transports) transport.flows = false;
    world.reachMs.set("one", Infinity);
    void watch.suspect();
    await world.pass(30_000);
    world.reachMs.set("other", 10);
    void world.choice.measure();
    await world.pass(5_000);
    assert.ok(transports.every(({ restarts }) => restarts === 0));
  });

  it("asks no region again and again", async () => {
    const { world } = await watched({ relayed: false });
    await world.pass(305_000, 100);
    assert.deepEqual(world.asked, []);
  });
});

for (const relayOnly of [true, false]) {
  it(`nobody is stranded with a region that is gone, with${relayOnly ? "out" : ""} other ways`, async () => {
    const { world, transports } = await watched({ relayed: false, relayOnly });
    world.reachMs.set("one", Infinity);
    for (const transport of transports) {
      transport.flows = false;
      transport.connected = false;
    }
    await world.pass(6_000);
    assert.ok(transports.every(({ region }) => region === "other"));
  });
}
