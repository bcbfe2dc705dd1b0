import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import manifest from "../../../package.json" with { type: "json" };

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const page = new URL("../../../docs/configuration.md", import.meta.url);

function aparte(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

describe("aparte", () => {
  it("config prints the page that docs/ holds", () => {
    assert.deepEqual(aparte("config"), {
      status: 0,
      stdout: readFileSync(page, "utf8"),
      stderr: "",
    });
  });

  it("--help and --version", () => {
    for (const args of [["--help"], ["help"], ["-h"], ["serve", "--help"]]) {
      const { status, stdout } = aparte(...args);
      assert.equal(status, 0);
      assert.match(stdout, /aparte serve \[flags\]/);
    }
    assert.equal(aparte("--version").stdout, `${manifest.version}\n`);
  });

  it("tells the nearest command of one that is unknown", () => {
    const { status, stdout, stderr } = aparte("srve");
    assert.deepEqual(
      { status, stdout, stderr },
      {
        status: 2,
        stdout: "",
        stderr: "There is no command `srve`; did you mean `aparte serve`?\n",
      },
    );
    assert.equal(aparte("constructor").status, 2);
    assert.equal(aparte().status, 2);
  });

  it("certificate makes one, and tells of it again", () => {
    const directory = mkdtempSync(join(tmpdir(), "aparte-certificate-"));
    const first = aparte("certificate", directory);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /SHA-256 {3}(?:[\dA-F]{2}:){31}[\dA-F]{2}\n/);
    assert.deepEqual(aparte("certificate", directory), first);
    rmSync(directory, { recursive: true });
    assert.equal(aparte("certificate", "--force").status, 2);
  });
});
