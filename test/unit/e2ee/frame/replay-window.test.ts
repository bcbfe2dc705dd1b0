import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ReplayWindow } from "../../../../src/e2ee/frame/replay-window.ts";

test("the window agrees with a list of everything that was accepted", () => {
  const size = 64;
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 200 }), (counters) => {
      const window = new ReplayWindow(size);
      const accepted = new Set<number>();
      let highest = -1;
      for (const counter of counters) {
        const isInWindow = counter > highest - size;
        const expected = isInWindow && !accepted.has(counter);
        assert.equal(window.isFresh(counter), expected);
        assert.equal(window.accept(counter), expected);
        accepted.add(counter);
        highest = Math.max(highest, counter);
      }
    }),
  );
});

test("asking changes nothing", () => {
  const window = new ReplayWindow(32);
  assert.ok(window.isFresh(5000));
  assert.ok(window.isFresh(5000));
  assert.ok(window.accept(0), "a frame that was only asked for must not move the window");
});

test("counters beyond 32 bits work", () => {
  const window = new ReplayWindow(32);
  const high = 2 ** 40;
  assert.ok(window.accept(high));
  assert.ok(!window.accept(high));
  assert.ok(window.accept(high - 31));
  assert.ok(!window.accept(high - 32));
});

test("what lies below the floor counts as opened", () => {
  const window = new ReplayWindow(32, 100);
  assert.ok(!window.isFresh(99));
  assert.ok(window.accept(100));
});

test("a size that is no multiple of 32 is refused", () => {
  for (const size of [0, 31, 33, 0.5, Number.NaN]) {
    assert.throws(() => new ReplayWindow(size), { code: "bad-argument" });
  }
});
