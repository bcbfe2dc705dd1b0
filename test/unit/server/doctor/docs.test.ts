import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { doctorChecks } from "../../../../src/server/doctor/finding.ts";

const page = readFileSync(new URL("../../../../docs/self-hosting.md", import.meta.url), "utf8");

test("docs/self-hosting.md names everything that the doctor looks at", () => {
  assert.deepEqual(
    doctorChecks.filter((check) => !page.includes(`\`${check}\``)),
    [],
  );
});
