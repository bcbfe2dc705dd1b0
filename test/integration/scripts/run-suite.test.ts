import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { projectRoot } from "../../../scripts/setup/project.mjs";

const runSuite = join(projectRoot, "scripts/tests/run-suite.ts");

describe("run-suite", () => {
  const folder = mkdtempSync(join(tmpdir(), "aparte-run-suite-"));
  after(() => rmSync(folder, { recursive: true }));

  /** Writes a test file and runs it as that suite; resolves to what the runner reports. */
  function tally(suite: string, body: string): Promise<unknown> {
    const file = join(folder, `${suite}-${Math.random()}.test.mjs`);
    writeFileSync(file, `import { describe, it, test } from "node:test";\n${body}\n`);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    // The runner refuses to run inside of a run that it can see.
    const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
    const child = fork(runSuite, [suite, file], { silent: true, env });
    let message: unknown = "nothing reported";
    child.on("message", (reported) => (message = reported));
    child.once("exit", () => resolve(message));
    return promise;
  }

  for (const suite of ["unit", "integration"]) {
    describe(`in the suite ${suite}`, () => {
      it("counts tests, not the blocks around them", async () => {
        const body = `describe("a", () => { it("b", () => {}); it("c", () => { throw new Error("no"); }); });`;
        assert.deepEqual(await tally(suite, body), { passed: 1, failed: 1 });
      });

      it("counts what is skipped or to do as failed", async () => {
        const body = `test.skip("a", () => {}); test.todo("b"); test("c", (t) => t.skip()); test("d", () => {});`;
        assert.deepEqual(await tally(suite, body), { passed: 1, failed: 3 });
      });

      it("fails a file without a test", async () => {
        assert.deepEqual(await tally(suite, ""), { passed: 0, failed: 1 });
      });

      it("fails a file that breaks while it is loaded", async () => {
        assert.deepEqual(await tally(suite, `throw new Error("broken");`), {
          passed: 0,
          failed: 1,
        });
      });
    });
  }
});
