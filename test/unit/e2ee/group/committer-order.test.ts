import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { committerOrder, takeoverDelayMs } from "../../../../src/e2ee/group/index.ts";

const members = [
  { participantId: "carol", leafIndex: 4 },
  { participantId: "alice", leafIndex: 0 },
  { participantId: "bob", leafIndex: 2 },
];
const all = new Set(["alice", "bob", "carol"]);

suite("the order of committers", () => {
  test("is that of the leaves", () => {
    assert.deepEqual(committerOrder(members, all, new Set()), ["alice", "bob", "carol"]);
  });

  test("leaves out who is absent, who leaves and who is no member", () => {
    assert.deepEqual(committerOrder(members, all, new Set(["alice"])), ["bob", "carol"]);
    assert.deepEqual(committerOrder(members, new Set(["carol", "dave"]), new Set()), ["carol"]);
    assert.deepEqual(committerOrder(members, all, all), []);
  });

  test("gives each a second before the next one takes over", () => {
    assert.deepEqual([0, 1, 2].map(takeoverDelayMs), [0, 1_000, 2_000]);
  });
});
