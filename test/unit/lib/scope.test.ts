import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClosedError } from "../../../src/lib/closed-error.ts";
import { Scope } from "../../../src/lib/scope.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("Scope", () => {
  test("gives back what it owns once, the latest first, and tells why it ended", () => {
    const scope = new Scope("thing");
    const ended: string[] = [];
    const dispose = () => ended.push("twice");
    scope.add(dispose);
    scope.add(dispose);
    scope.add(() => ended.push("last"));
    const release = scope.add(() => ended.push("released"));
    release();
    scope.assertOpen();
    assert.equal(scope.end("over"), true);
    assert.equal(scope.end("again"), false);
    assert.deepEqual(ended, ["last", "twice", "twice"]);
    assert.equal(scope.endReason, "over");
    assert.throws(
      () => {
        scope.assertOpen();
      },
      (error) => error instanceof ClosedError && error.reason === "over" && error.code === "closed",
    );
  });

  test("takes nothing in after its end", () => {
    const clock = new ManualClock();
    const scope = new Scope("thing", clock);
    scope.end("over");
    let disposed = false;
    scope.add(() => (disposed = true));
    scope.after(1, assert.fail);
    scope.every(1, assert.fail);
    assert.equal(disposed, true);
    assert.equal(clock.pending, 0);
  });

  test("ends its timers", () => {
    const clock = new ManualClock();
    const scope = new Scope("thing", clock);
    const heard: string[] = [];
    scope.after(10, () => heard.push("after"));
    const cancel = scope.after(5, assert.fail);
    scope.every(4, () => heard.push("every"));
    cancel();
    clock.advance(10);
    assert.deepEqual(heard, ["every", "every", "after"]);
    scope.after(10, assert.fail);
    scope.end("over");
    assert.equal(clock.pending, 0);
    clock.advance(100);
    assert.equal(heard.length, 3);
  });

  test("gives everything back although something fails, and tells of the failures", () => {
    const scope = new Scope("thing");
    let disposed = false;
    scope.add(() => (disposed = true));
    scope.add(() => {
      throw new Error("broken");
    });
    assert.throws(() => scope.end("over"), AggregateError);
    assert.equal(disposed, true);
    assert.equal(scope.ended, true);
  });
});
