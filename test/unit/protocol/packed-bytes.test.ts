import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { packBytes, unpackBytes } from "../../../src/protocol/index.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("packed bytes", () => {
  test("come out as they went in", () => {
    for (const items of [[], [bytes()], [bytes(1, 2, 3), bytes(), bytes(9)]]) {
      assert.deepEqual(unpackBytes(packBytes(items), 3), items);
    }
    assert.deepEqual(packBytes([bytes(7, 8)]), bytes(0, 0, 0, 2, 7, 8));
  });

  test("may lie anywhere in a buffer, and come out as copies", () => {
    const packed = packBytes([bytes(5)]);
    const window = bytes(9, 9, ...packed, 9).subarray(2, 2 + packed.length);
    const [item] = unpackBytes(window, 1) ?? [];
    window.fill(0);
    assert.deepEqual(item, bytes(5));
  });

  test("are refused when cut off or too many", () => {
    const packed = packBytes([bytes(1, 2), bytes(3)]);
    for (let length = 1; length < packed.length; length += 1) {
      // Cut between two items it is a shorter list.
      const expected = length === 6 ? [bytes(1, 2)] : undefined;
      assert.deepEqual(unpackBytes(packed.subarray(0, length), 2), expected);
    }
    assert.equal(unpackBytes(packed, 1), undefined);
    assert.equal(unpackBytes(bytes(255, 255, 255, 255, 1), 2), undefined);
  });
});
