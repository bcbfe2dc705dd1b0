import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CheckOutcome } from "../../../../src/client/edge/edge-choice.ts";
import { EdgeWorld } from "./edge-world.ts";

async function measured(reachMs: Readonly<Record<string, number>>): Promise<EdgeWorld> {
  const world = new EdgeWorld(reachMs);
  void world.choice.learn(world.regions);
  await world.pass(3_000);
  return world;
}

/** What a check says, and how long it takes. */
async function checked(world: EdgeWorld): Promise<{ outcome: CheckOutcome; tookMs: number }> {
  const startedMs = world.clock.now();
  const result = world.choice
    .check()
    .then((outcome) => ({ outcome, tookMs: world.clock.now() - startedMs }));
  await world.pass(2_500);
  return result;
}

describe("the choice of a region", () => {
  it("is the server's until there are measurements, then the nearest one", async () => {
    const world = new EdgeWorld({ home: 300, far: 900, near: 80 });
    const changes: string[] = [];
    world.choice.events.on("region:changed", (change) => changes.push(change.region));
    void world.choice.learn(world.regions);
    assert.equal(world.choice.current, "home");
    await world.pass(3_000);
    assert.deepEqual(changes, ["home", "near"]);
    assert.deepEqual(world.choice.order, ["near", "home", "far"]);
  });

  it("measures all at the same time, several times, and those that are silent once", async () => {
    const world = new EdgeWorld({ one: 100, other: 200, silent: Infinity });
    void world.choice.learn(world.regions);
    assert.deepEqual(world.asked, ["one", "other", "silent"]);
    await world.pass(3_000);
    assert.deepEqual(world.asked.toSorted(), ["one", "one", "other", "other", "silent"]);
    assert.equal(world.choice.order.at(-1), "silent");
  });

  it("asks nobody where there is nothing to choose", async () => {
    const world = await measured({ home: 100 });
    await world.choice.measure();
    assert.deepEqual(world.asked, []);
    assert.equal(world.choice.current, "home");
    await world.choice.learn([]);
    assert.equal(world.choice.current, undefined);
  });

  it("is kept for the next call, for some minutes", async () => {
    const world = await measured({ home: 300, near: 80 });
    world.choice.close();
    const asked = world.asked.length;
    const next = world.anotherChoice();
    await next.learn(world.regions);
    assert.equal(next.current, "near");
    assert.equal(world.asked.length, asked);
    world.clock.advance(6 * 60_000);
    void world.anotherChoice().learn(world.regions);
    assert.ok(world.asked.length > asked);
  });

  it("moves when another region has become much nearer, not for a trifle", async () => {
    const world = await measured({ one: 100, other: 300 });
    world.reachMs.set("other", 80);
    void world.choice.measure();
    await world.pass(3_000);
    assert.equal(world.choice.current, "one");
    world.reachMs.set("one", 400);
    void world.choice.measure();
    await world.pass(3_000);
    assert.equal(world.choice.current, "other");
  });

  it("goes elsewhere when its region is there no more", async () => {
    const world = await measured({ one: 100, other: 300 });
    await world.choice.learn(world.regions.filter((each) => each.region !== "one"));
    assert.equal(world.choice.current, "other");
  });

  it("waits for a measurement no longer than it is told to", async () => {
    const world = new EdgeWorld({ one: 100, other: 2_000 });
    void world.choice.learn(world.regions);
    let isSettled = false;
    void world.choice.settled(500).then(() => (isSettled = true));
    await world.pass(480);
    assert.equal(isSettled, false);
    await world.pass(40);
    assert.equal(isSettled, true);
  });
});

describe("a region that is suspected", () => {
  it("stays when it answers, and nothing is asked of the others any more", async () => {
    const world = await measured({ one: 100, other: 300 });
    assert.deepEqual(await checked(world), { outcome: "alive", tookMs: 100 });
    assert.equal(world.choice.current, "one");
  });

  it("is left for the nearest that answers, in well under a second", async () => {
    const world = await measured({ one: 100, two: 200, three: 300 });
    world.reachMs.set("one", Infinity);
    world.reachMs.set("two", Infinity);
    const { outcome, tookMs } = await checked(world);
    assert.equal(outcome, "left");
    assert.ok(tookMs <= 500, `${tookMs} ms`);
    assert.equal(world.choice.current, "three");
  });

  it("stays when nothing answers: the fault is nearer then", async () => {
    const world = await measured({ one: 100, other: 300 });
    world.reachMs.clear();
    const { outcome, tookMs } = await checked(world);
    assert.equal(outcome, "nothing-answers");
    assert.ok(tookMs <= 2_000, `${tookMs} ms`);
    assert.equal(world.choice.current, "one");
  });

  it("is left for one that answers late, too", async () => {
    const world = await measured({ one: 100, other: 1_500 });
    world.reachMs.set("one", Infinity);
    assert.deepEqual(await checked(world), { outcome: "left", tookMs: 1_500 });
    assert.equal(world.choice.current, "other");
  });

  it("is given more time when it is far", async () => {
    const world = await measured({ one: 200, other: 900 });
    world.reachMs.set("one", 700);
    assert.deepEqual(await checked(world), { outcome: "alive", tookMs: 700 });
  });

  it("is not gone back to before it was measured again", async () => {
    const world = await measured({ one: 100, other: 300 });
    world.reachMs.set("one", Infinity);
    await checked(world);
    world.reachMs.set("one", 100);
    await world.choice.learn(world.regions);
    assert.equal(world.choice.order.at(-1), "one");
    await world.pass(55_000);
    assert.equal(world.choice.current, "other");
    await world.pass(10_000);
    assert.equal(world.choice.current, "one");
  });

  it("leaves nothing behind when the call ends meanwhile", async () => {
    const world = await measured({ one: 100, other: 300 });
    world.reachMs.set("one", Infinity);
    const outcome = world.choice.check();
    await world.pass(50);
    world.choice.close();
    assert.notEqual(await outcome, "left");
    assert.equal(world.clock.pending, 0);
  });
});
