import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { packagesAreInstalled, platformAllows } from "../../../scripts/setup/packages.mjs";

describe("packagesAreInstalled", () => {
  let root: string;
  const dependencies = { one: "1.0.0" };
  const one = { version: "1.0.0", integrity: "sha512-x" };
  const foreign = { version: "1.0.0", optional: true, os: ["plan9"] };

  function write(file: string, content: unknown): void {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify(content));
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "aparte-packages-"));
    write("package.json", { dependencies });
    write("package-lock.json", {
      packages: { "": { dependencies }, "node_modules/one": one, "node_modules/far": foreign },
    });
    write("node_modules/.package-lock.json", { packages: { "node_modules/one": one } });
    write("node_modules/one/package.json", {});
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("is content with what the lockfile says, without other platforms' packages", () => {
    assert.equal(packagesAreInstalled(root), true);
  });

  it("misses node_modules", () => {
    rmSync(join(root, "node_modules"), { recursive: true });
    assert.equal(packagesAreInstalled(root), false);
  });

  it("misses a package whose folder was deleted", () => {
    rmSync(join(root, "node_modules/one"), { recursive: true });
    assert.equal(packagesAreInstalled(root), false);
  });

  it("sees another version", () => {
    const other = { ...one, version: "0.9.0" };
    write("node_modules/.package-lock.json", { packages: { "node_modules/one": other } });
    assert.equal(packagesAreInstalled(root), false);
  });

  it("sees a dependency that package.json has and the lockfile doesn't", () => {
    write("package.json", { dependencies: { ...dependencies, two: "2.0.0" } });
    assert.equal(packagesAreInstalled(root), false);
  });

  it("misses an optional package of this platform", () => {
    const here = { version: "1.0.0", optional: true, os: [process.platform] };
    write("package-lock.json", {
      packages: { "": { dependencies }, "node_modules/one": one, "node_modules/here": here },
    });
    assert.equal(packagesAreInstalled(root), false);
  });
});

describe("platformAllows", () => {
  it("follows npm's rules", () => {
    assert.equal(platformAllows(undefined, "linux"), true);
    assert.equal(platformAllows(["linux", "darwin"], "linux"), true);
    assert.equal(platformAllows(["darwin"], "linux"), false);
    assert.equal(platformAllows(["!win32"], "linux"), true);
    assert.equal(platformAllows(["!linux"], "linux"), false);
  });
});
