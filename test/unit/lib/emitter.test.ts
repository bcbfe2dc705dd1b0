import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Emitter } from "../../../src/lib/emitter.ts";

interface Events {
  first: number;
  second: string;
}

describe("Emitter", () => {
  test("tells the listeners of one name, in their order, until they are removed", () => {
    const emitter = new Emitter<Events>();
    const heard: string[] = [];
    const remove = emitter.on("first", (value) => heard.push(`a${value}`));
    emitter.on("first", (value) => heard.push(`b${value}`));
    emitter.on("second", (value) => heard.push(value));
    emitter.emit("first", 1);
    remove();
    remove();
    emitter.emit("first", 2);
    emitter.emit("second", "c");
    assert.deepEqual(heard, ["a1", "b1", "b2", "c"]);
    assert.equal(emitter.listenerCount("first"), 1);
  });

  test("tells a listener once, even if telling it emits again", () => {
    const emitter = new Emitter<Events>();
    const heard: number[] = [];
    emitter.once("first", (value) => {
      heard.push(value);
      emitter.emit("first", value + 1);
    });
    emitter.emit("first", 1);
    assert.deepEqual(heard, [1]);
  });

  test("tells those who listened when it began, whoever comes or goes meanwhile", () => {
    const emitter = new Emitter<Events>();
    const heard: string[] = [];
    emitter.on("first", () => {
      heard.push("a");
      emitter.removeAllListeners();
      emitter.on("first", () => heard.push("late"));
    });
    emitter.on("first", () => heard.push("b"));
    emitter.emit("first", 1);
    assert.deepEqual(heard, ["a", "b"]);
  });

  test("goes on after a listener that throws, and tells of its error", () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<Events>((error) => errors.push(error));
    const broken = new Error("broken");
    let heard = false;
    emitter.on("first", () => {
      throw broken;
    });
    emitter.on("first", () => (heard = true));
    emitter.emit("first", 1);
    assert.deepEqual(errors, [broken]);
    assert.equal(heard, true);
  });
});
