import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyPatch } from "../../../scripts/worker/patches.mjs";

describe("applyPatch", () => {
  const patch = { file: "a.cpp", from: "(x == y)", to: "(x & y)" };

  it("changes the one place", () => {
    assert.equal(applyPatch(patch, "if (x == y) {}"), "if (x & y) {}");
  });

  it("refuses a source that it wasn't made for", () => {
    assert.throws(() => applyPatch(patch, "if (x & y) {}"), /0 places to patch where 1 was/);
    assert.throws(() => applyPatch(patch, "(x == y) (x == y)"), /2 places/);
  });
});
