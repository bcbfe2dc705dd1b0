import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fingerprint } from "../../../scripts/setup/fingerprint.mjs";

describe("fingerprint", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "aparte-fingerprint-"));
    mkdirSync(join(root, "src/deep"), { recursive: true });
    writeFileSync(join(root, "src/a"), "one");
    writeFileSync(join(root, "src/deep/b"), "two");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const take = () => fingerprint(root, ["src", "absent"]);

  it("is the same for the same tree", () => {
    assert.equal(take(), take());
  });

  it("changes with a file's content, its name and its being there", () => {
    const seen = new Set([take()]);
    writeFileSync(join(root, "src/deep/b"), "three");
    seen.add(take());
    writeFileSync(join(root, "src/c"), "");
    seen.add(take());
    rmSync(join(root, "src/c"));
    writeFileSync(join(root, "src/d"), "");
    seen.add(take());
    writeFileSync(join(root, "absent"), "here now");
    seen.add(take());
    assert.equal(seen.size, 5);
  });

  it("tells apart where one file's content ends", () => {
    const before = take();
    writeFileSync(join(root, "src/a"), "onet");
    writeFileSync(join(root, "src/deep/b"), "wo");
    assert.notEqual(take(), before);
  });

  it("changes with the other inputs", () => {
    assert.notEqual(fingerprint(root, [], ["1.0"]), fingerprint(root, [], ["1.1"]));
  });
});
