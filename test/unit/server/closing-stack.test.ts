import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClosingStack } from "../../../src/server/closing-stack.ts";

describe("ClosingStack", () => {
  it("closes in reverse order, one after another, once", async () => {
    const closed: string[] = [];
    const stack = new ClosingStack(() => assert.fail("nothing fails"));
    stack.add("first", () => void closed.push("first"));
    stack.add("second", async () => {
      await Promise.resolve();
      closed.push("second");
    });
    await Promise.all([stack.close(), stack.close()]);
    await stack.close();
    assert.deepEqual(closed, ["second", "first"]);
  });

  it("goes on after what fails, and tells of it", async () => {
    const closed: string[] = [];
    const failed: string[] = [];
    const stack = new ClosingStack((what) => void failed.push(what));
    stack.add("first", () => void closed.push("first"));
    stack.add("second", () => Promise.reject(new Error("stuck")));
    await stack.close();
    assert.deepEqual({ closed, failed }, { closed: ["first"], failed: ["second"] });
  });
});
