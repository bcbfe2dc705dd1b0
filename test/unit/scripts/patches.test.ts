import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyPatch } from "../../../scripts/worker/patches.mjs";

describe("applyPatch", () => {
  const patch = {
    file: "a.cpp",
    edits: [
      { from: "(x == y)", to: "(x & y)" },
      { from: "return;", to: "return x;" },
    ],
  };

  it("changes each place", () => {
    assert.equal(applyPatch(patch, "if (x == y) return;"), "if (x & y) return x;");
  });

  it("refuses a source that it wasn't made for", () => {
    assert.throws(() => applyPatch(patch, "if (x & y) return;"), /0 places to patch where 1 was/);
    assert.throws(() => applyPatch(patch, "if (x == y) {}"), /0 places/);
    assert.throws(() => applyPatch(patch, "(x == y) (x == y) return;"), /2 places/);
  });
});
