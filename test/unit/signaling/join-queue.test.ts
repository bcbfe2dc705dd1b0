import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ByteBudget } from "../../../src/signaling/byte-budget.ts";
import { JoinQueue } from "../../../src/signaling/join-queue.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../../src/signaling/signaling-options.ts";
import { LIMITS } from "../../../src/protocol/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { refusedWith } from "../../support/signaling-harness.ts";

const { joinWindowMs, joinBurst, admitBatch, admitTakeoverMs, admitAttempts } =
  DEFAULT_SIGNALING_OPTIONS;

function setUp(members = ["anna", "bert", "cleo"], budgetBytes = 100_000, keyPackageBytes = 10) {
  const clock = new ManualClock();
  const budget = new ByteBudget(budgetBytes);
  const told: { member: string; count: number }[] = [];
  const away = new Set<string>();
  const tell = (member: string, keyPackages: readonly Uint8Array[]) => {
    if (away.has(member)) return false;
    told.push({ member, count: keyPackages.length });
    return true;
  };
  const queue = new JoinQueue(() => members, tell, DEFAULT_SIGNALING_OPTIONS, budget, clock);
  const propose = (...ids: string[]) => {
    for (const id of ids) queue.propose(id, new Uint8Array(keyPackageBytes));
  };
  return { queue, propose, clock, budget, told, away };
}

describe("a queue of newcomers", () => {
  test("lets few enter by themselves, and sends many to wait", () => {
    const { queue, clock } = setUp();
    for (let count = 0; count < joinBurst; count += 1) queue.arrive(`quick ${count}`);
    assert.throws(() => queue.arrive("late"), refusedWith("group-busy"));
    clock.advance(joinWindowMs);
    queue.arrive("later");
  });

  test("sends everybody to wait while somebody waits, but for who waited already", () => {
    const { queue, propose, clock } = setUp();
    propose("first", "second");
    clock.advance(60_000);
    assert.throws(() => queue.arrive("third"), refusedWith("group-busy"));
    queue.arrive("first");
    assert.deepEqual(queue.committed(["first", "second"]), ["second"]);
    queue.arrive("third");
  });

  test("tells a member of no more than one message carries", () => {
    const { propose, clock, told, queue } = setUp(["anna"], 100_000_000, LIMITS.keyPackageBytes);
    propose(...Array.from({ length: 100 }, (_, index) => `${index}`));
    clock.advance(joinWindowMs);
    const [first] = told;
    assert.ok(first && first.count > 50);
    assert.ok(first.count * (LIMITS.keyPackageBytes + 4) <= LIMITS.packedKeyPackagesBytes);
    queue.committed(Array.from({ length: first.count }, (_, index) => `${index}`));
    clock.advance(joinWindowMs);
    assert.equal(told[1]?.count, 100 - first.count);
  });

  test("tells one member of all who came within a window", () => {
    const { propose, clock, told } = setUp();
    propose("one");
    clock.advance(joinWindowMs - 1);
    propose("two", "three", "two");
    assert.equal(told.length, 0);
    clock.advance(1);
    assert.deepEqual(
      told.map(({ count }) => count),
      [3],
    );
  });

  test("has another member take over, each in turn, and gives up after some", () => {
    const { propose, clock, told, queue, budget } = setUp();
    propose("one");
    clock.advance(joinWindowMs + 20 * admitTakeoverMs);
    const members = told.map(({ member }) => member);
    assert.equal(members.length, admitAttempts);
    assert.equal(new Set(members.slice(0, 3)).size, 3, "each of the three once");
    assert.equal(clock.pending, 0);
    queue.close();
    assert.equal(budget.usedBytes, 0);
  });

  test("passes over members who are not connected", () => {
    const { propose, clock, told, away } = setUp();
    for (const id of ["anna", "cleo"]) away.add(id);
    propose("one");
    clock.advance(joinWindowMs);
    assert.deepEqual(told, [{ member: "bert", count: 1 }]);
    away.add("bert");
    clock.advance(3 * admitTakeoverMs);
    away.clear();
    clock.advance(admitTakeoverMs);
    assert.equal(told.length, 2, "somebody came back");
  });

  test("tells of the rest when a commit let in only some", () => {
    const { propose, clock, told, queue } = setUp();
    propose("one", "two");
    clock.advance(joinWindowMs);
    assert.deepEqual(queue.committed(["one", "stranger"]), ["one"]);
    clock.advance(joinWindowMs);
    assert.deepEqual(
      told.map(({ count }) => count),
      [2, 1],
    );
    queue.committed(["two"]);
    assert.equal(clock.pending, 0);
  });

  test("never tells who waits, and last those who have just come in", () => {
    const members = ["anna", "one", "two"];
    const { propose, clock, told, queue } = setUp(members);
    propose("one", "two");
    queue.committed(["one"]);
    clock.advance(joinWindowMs);
    assert.deepEqual(told, [{ member: "anna", count: 1 }]);
  });

  test("gives a member no more than one commit holds", () => {
    const { propose, clock, told } = setUp();
    propose(...Array.from({ length: admitBatch + 5 }, (_, at) => `${at}`));
    clock.advance(joinWindowMs);
    assert.equal(told[0]?.count, admitBatch);
  });

  test("keeps a bounded number of bytes", () => {
    const { propose, queue, budget } = setUp([], 25);
    propose("one", "two");
    assert.throws(() => propose("three"), refusedWith("group-unavailable"));
    assert(queue.withdraw("one"));
    assert(!queue.withdraw("one"));
    propose("three");
    queue.close();
    assert.equal(budget.usedBytes, 0);
  });
});
