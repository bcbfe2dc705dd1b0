import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const vectors = fileURLToPath(new URL("../../vectors", import.meta.url));

interface Outcome {
  readonly code: number | string | null;
  readonly output: string;
}

/** With the compiler's sanitizers, which end the program at the first wrong access. */
function runUnits(): Promise<Outcome> {
  const program = process.env["APARTE_LOAD_ENGINE_TESTS"];
  assert.ok(program !== undefined, "APARTE_LOAD_ENGINE_TESTS is not set");
  return new Promise((resolve) => {
    execFile(program, [vectors], { timeout: 240_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), output: `${stdout}${stderr}` });
    });
  });
}

describe("the native load engine's parts", () => {
  it("hold under the sanitizers", async () => {
    const { code, output } = await runUnits();
    assert.equal(code, 0, output);
    const planned = Number(/^1\.\.(\d+)$/m.exec(output)?.[1]);
    assert.ok(planned >= 30, output);
    assert.equal(output.match(/^ok \d+ - /gm)?.length, planned, output);
  });
});
