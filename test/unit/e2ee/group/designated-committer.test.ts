import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  committerOrder,
  designatedCommitter,
  takeoverDelayMs,
} from "../../../../src/e2ee/group/index.ts";

const members = [
  { participantId: "carol", leafIndex: 4 },
  { participantId: "alice", leafIndex: 0 },
  { participantId: "bob", leafIndex: 2 },
];

suite("the designated committer", () => {
  test("is the present and staying member of the lowest leaf", () => {
    const all = new Set(["alice", "bob", "carol"]);
    assert.equal(designatedCommitter(members, all, new Set()), "alice");
    assert.equal(designatedCommitter(members, all, new Set(["alice"])), "bob");
    assert.equal(designatedCommitter(members, new Set(["carol"]), new Set()), "carol");
    assert.equal(designatedCommitter(members, new Set(["dave"]), new Set()), undefined);
    assert.equal(designatedCommitter(members, all, all), undefined);
  });

  test("is followed by the others, a second apart", () => {
    const all = new Set(["alice", "bob", "carol"]);
    assert.deepEqual(committerOrder(members, all, new Set()), ["alice", "bob", "carol"]);
    assert.deepEqual([0, 1, 2].map(takeoverDelayMs), [0, 1_000, 2_000]);
  });
});
