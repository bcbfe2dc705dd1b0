import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { initialJavaScript } from "../../../scripts/web/initial-javascript.mjs";

describe("initialJavaScript", () => {
  const dist = mkdtempSync(join(tmpdir(), "aparte-dist-"));
  after(() => rmSync(dist, { recursive: true }));

  it("counts the entry and its static imports once, and nothing that comes later", () => {
    const manifest = {
      "index.html": {
        file: "index.js",
        isEntry: true,
        imports: ["_shared.js", "_vendor.js"],
        dynamicImports: ["later.ts"],
        css: ["index.css"],
      },
      "_shared.js": { file: "shared.js", imports: ["_vendor.js"] },
      "_vendor.js": { file: "vendor.js", imports: ["_shared.js"] },
      "later.ts": { file: "later.js" },
    };
    mkdirSync(join(dist, ".vite"));
    writeFileSync(join(dist, ".vite/manifest.json"), JSON.stringify(manifest));
    for (const name of ["index", "shared", "vendor", "later"]) {
      writeFileSync(join(dist, `${name}.js`), randomBytes(1000));
    }
    const { files, gzipBytes } = initialJavaScript(dist);
    assert.deepEqual(files.toSorted(), ["index.js", "shared.js", "vendor.js"]);
    // Random bytes don't compress; gzip adds about 20 to each file.
    assert.ok(gzipBytes > 3000 && gzipBytes < 3200, `${gzipBytes}`);
  });
});
