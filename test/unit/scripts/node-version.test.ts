import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isSupportedNode } from "../../../scripts/setup/node.mjs";
import { projectRoot } from "../../../scripts/setup/project.mjs";

describe("isSupportedNode", () => {
  for (const version of ["v22.18.0", "v22.23.2", "v24.0.0", "v26.1.0"]) {
    it(`takes ${version}`, () => assert.equal(isSupportedNode(version), true));
  }
  for (const version of ["v18.20.4", "v20.20.2", "v22.17.1", "v21.99.0"]) {
    it(`refuses ${version}`, () => assert.equal(isSupportedNode(version), false));
  }

  it("draws the line where package.json does", () => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
    const oldest = manifest.engines.node.replace(/^>=/, "");
    assert.equal(isSupportedNode(`v${oldest}.0`), true);
    const [major, minor] = oldest.split(".").map(Number);
    assert.equal(isSupportedNode(`v${major}.${minor - 1}.0`), false);
  });
});
