import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { projectRoot } from "../../../scripts/setup/project.mjs";
import {
  callJavaScript,
  callJavaScriptLimit,
  initialJavaScript,
  initialJavaScriptLimit,
} from "../../../scripts/web/initial-javascript.mjs";

const dist = join(projectRoot, "dist/web");

it("the page loads less JavaScript at first than its budget allows", () => {
  const { files, gzipBytes } = initialJavaScript(dist);
  assert.ok(files.length > 0 && gzipBytes > 10_000, "nothing was measured");
  assert.ok(gzipBytes < initialJavaScriptLimit, `${gzipBytes} bytes, gzipped: ${files.join(", ")}`);
});

it("a call needs less JavaScript than its budget allows, with the SDK that is loaded meanwhile", () => {
  const { files, gzipBytes } = callJavaScript(dist);
  assert.ok(gzipBytes > initialJavaScript(dist).gzipBytes + 10_000, "the SDK was not measured");
  assert.ok(gzipBytes < callJavaScriptLimit, `${gzipBytes} bytes, gzipped: ${files.join(", ")}`);
});
