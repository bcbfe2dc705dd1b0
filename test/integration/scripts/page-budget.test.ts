import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { projectRoot } from "../../../scripts/setup/project.mjs";
import {
  initialJavaScript,
  initialJavaScriptLimit,
} from "../../../scripts/web/initial-javascript.mjs";

it("the page loads less JavaScript at first than its budget allows", () => {
  const { files, gzipBytes } = initialJavaScript(join(projectRoot, "dist/web"));
  assert.ok(files.length > 0 && gzipBytes > 10_000, "nothing was measured");
  assert.ok(gzipBytes < initialJavaScriptLimit, `${gzipBytes} bytes, gzipped: ${files.join(", ")}`);
});
