import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClosedError } from "../../../src/lib/closed-error.ts";
import { SerialQueue } from "../../../src/lib/serial-queue.ts";

describe("SerialQueue", () => {
  test("runs one task after another, and goes on after one that fails", async () => {
    const queue = new SerialQueue("queue");
    const order: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = queue.run(async () => {
      order.push("first begins");
      await promise;
      order.push("first ends");
      return 1;
    });
    const second = queue.run(() => {
      throw new Error("broken");
    });
    const third = queue.run(() => {
      order.push("third");
      return 3;
    });
    assert.equal(queue.size, 3);
    resolve();
    assert.equal(await first, 1);
    await assert.rejects(second, /broken/);
    assert.equal(await third, 3);
    assert.deepEqual(order, ["first begins", "first ends", "third"]);
    await Promise.resolve();
    assert.equal(queue.size, 0);
  });

  test("refuses what has not begun when it closes", async () => {
    const queue = new SerialQueue("queue");
    const { promise, resolve } = Promise.withResolvers<number>();
    const running = queue.run(() => promise);
    await Promise.resolve();
    const waiting = queue.run(assert.fail);
    queue.close("over");
    queue.close("again");
    resolve(7);
    assert.equal(await running, 7);
    await assert.rejects(
      waiting,
      (error) => error instanceof ClosedError && error.reason === "over",
    );
    await assert.rejects(queue.run(assert.fail), ClosedError);
  });
});
