import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { licenceComplaint, licenceIsAllowed } from "../../../scripts/check/licences.ts";
import { projectRoot } from "../../../scripts/setup/project.mjs";

describe("licenceIsAllowed", () => {
  for (const expression of ["MIT", "(MIT OR GPL-3.0-only)", "Apache-2.0 AND BSD-3-Clause"]) {
    it(`takes ${expression}`, () => assert.equal(licenceIsAllowed(expression), true));
  }
  for (const expression of ["SSPL-1.0", "GPL-2.0-only", "MIT AND SSPL-1.0", "UNLICENSED", ""]) {
    it(`refuses "${expression}"`, () => assert.equal(licenceIsAllowed(expression), false));
  }
});

describe("licenceComplaint", () => {
  const root = mkdtempSync(join(tmpdir(), "aparte-licences-"));
  after(() => rmSync(root, { recursive: true }));

  it("names the package that may not be used in production", () => {
    const licences = { fine: "MIT", closed: "UNLICENSED", tool: "GPL-2.0-only", silent: undefined };
    const packages = Object.fromEntries(
      Object.keys(licences).map((name) => [`node_modules/${name}`, { dev: name === "tool" }]),
    );
    for (const [name, license] of Object.entries(licences)) {
      mkdirSync(join(root, "node_modules", name), { recursive: true });
      writeFileSync(join(root, "node_modules", name, "package.json"), JSON.stringify({ license }));
    }
    writeFileSync(join(root, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
    assert.match(
      licenceComplaint(root) ?? "",
      /^[^\n]*closed: [^\n]*UNLICENSED[^\n]*\n[^\n]*silent[^\n]*$/,
    );
  });
});

describe("the licences of this project", () => {
  const sha256 = (file: string) =>
    createHash("sha256")
      .update(readFileSync(join(projectRoot, file)))
      .digest("hex");

  it("are the whole and unchanged texts", () => {
    // AGPL-3.0 as gnu.org published it in 2007, Apache-2.0 as Debian ships it.
    assert.equal(
      sha256("LICENSE"),
      "57c8ff33c9c0cfc3ef00e650a1cc910d7ee479a8bc509f6c9209a7c2a11399d6",
    );
    assert.equal(
      sha256("LICENSES/Apache-2.0.txt"),
      "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    );
  });

  for (const floor of ["lib", "protocol", "e2ee", "client"]) {
    it(`are Apache-2.0 for src/${floor}, of which the SDK is made`, () => {
      const file = join(projectRoot, "src", floor, "LICENSE");
      assert.ok(existsSync(file));
      assert.match(readFileSync(file, "utf8"), /^SPDX-License-Identifier: Apache-2\.0$/m);
    });
  }
});
