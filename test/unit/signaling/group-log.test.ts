import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMITS } from "../../../src/protocol/index.ts";
import { ByteBudget } from "../../../src/signaling/byte-budget.ts";
import { GroupLog } from "../../../src/signaling/group-log.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../../src/signaling/signaling-options.ts";
import { refusedWith } from "../../support/signaling-harness.ts";

const tag = (epoch: number) => `tag-${epoch}`;
const bytes = (count: number) => new Uint8Array(count);

function logAt(epoch: number, options = {}, budget = new ByteBudget(1_000_000)) {
  const log = new GroupLog(
    { epoch, tag: tag(epoch) },
    { ...DEFAULT_SIGNALING_OPTIONS, ...options },
    budget,
  );
  const add = (count: number, size = 10) => {
    for (let index = 0; index < count; index += 1) {
      log.accept("p", log.epoch, tag(log.epoch + 1), bytes(size));
    }
  };
  return { log, add, budget };
}

describe("GroupLog", () => {
  test("takes the first commit of each epoch only", () => {
    const { log } = logAt(4);
    assert.deepEqual(log.accept("anna", 4, tag(5), Uint8Array.of(7)), {
      epoch: 5,
      tag: tag(5),
      participantId: "anna",
      commit: Uint8Array.of(7),
    });
    for (const epoch of [3, 4, 6]) {
      assert.throws(() => log.accept("ben", epoch, tag(9), bytes(1)), refusedWith("stale-epoch"));
    }
    assert.deepEqual(log.position, { epoch: 5, tag: tag(5) });
  });

  test("keeps a copy, not the buffer that the bytes came in", () => {
    const { log } = logAt(0);
    const buffer = Buffer.alloc(1_000, 1);
    log.accept("p", 0, tag(1), buffer.subarray(10, 20));
    buffer.fill(2);
    const kept = log.since(0)[0]?.commit;
    assert.deepEqual(kept, new Uint8Array(10).fill(1));
    assert.equal(kept?.buffer.byteLength, 10);
  });

  test("is bounded by count", () => {
    const { log, add, budget } = logAt(0, { keptCommitsPerRoom: 3 });
    add(10);
    assert.equal(log.oldestEpoch, 7);
    assert.equal(budget.usedBytes, 30);
    assert.throws(() => log.since(6), refusedWith("commits-gone"));
    assert.equal(log.since(7).length, 3);
  });

  test("is bounded by bytes, and keeps nothing that does not fit at all", () => {
    const { log, add, budget } = logAt(0, { keptCommitBytesPerRoom: 100 });
    add(5, 30);
    assert.equal(log.oldestEpoch, 2);
    add(1, 101);
    assert.equal(log.oldestEpoch, 6);
    assert.equal(budget.usedBytes, 0);
    assert.deepEqual(log.since(6), []);
    add(1, 100);
    assert.equal(log.since(6).length, 1);
  });

  test("makes place for itself in the budget of all rooms, not for others", () => {
    const budget = new ByteBudget(100);
    const first = logAt(0, {}, budget);
    const second = logAt(0, {}, budget);
    first.add(5, 10);
    second.add(20, 10);
    assert.equal(first.log.oldestEpoch, 0);
    assert.equal(second.log.oldestEpoch, 15);
    first.log.clear();
    second.log.clear();
    assert.equal(budget.usedBytes, 0);
  });

  test("answers in portions, each of at least one commit", () => {
    const { log, add } = logAt(0, { commitsAnswerBytes: 25 });
    add(4, 10);
    assert.deepEqual(
      log.since(0).map(({ epoch }) => epoch),
      [1, 2],
    );
    const large = logAt(0, { commitsAnswerBytes: 5 });
    large.add(2, 10);
    assert.equal(large.log.since(0).length, 1);
    const many = logAt(0);
    many.add(50, 1);
    assert.equal(many.log.since(0).length, LIMITS.commitsPerAnswer);
  });

  test("has no epoch after the last one that a number holds", () => {
    const { log } = logAt(Number.MAX_SAFE_INTEGER);
    assert.throws(
      () => log.accept("p", Number.MAX_SAFE_INTEGER, tag(0), bytes(1)),
      refusedWith("bad-request"),
    );
  });

  test("takes commits back, with all that followed", () => {
    const { log, add, budget } = logAt(0);
    add(5);
    log.rollBack(3);
    assert.deepEqual(log.position, { epoch: 2, tag: tag(2) });
    assert.equal(budget.usedBytes, 20);
    assert.equal(log.knows({ epoch: 2, tag: tag(2) }), true);
    assert.equal(log.knows({ epoch: 3, tag: tag(3) }), false);
  });
});
