import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coresOf } from "../../../bench/sfu/processes.ts";

describe("the list of cores", () => {
  it("has single ones and ranges", () => {
    assert.deepEqual(coresOf("0-2,5,8-9"), [0, 1, 2, 5, 8, 9]);
    assert.deepEqual(coresOf("3"), [3]);
  });

  it("may be empty", () => {
    assert.deepEqual(coresOf(""), []);
  });
});
