import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { testVariant } from "../../../scripts/load-engine/variants.mjs";

const run = promisify(execFile);
const network = fileURLToPath(new URL("../../../scripts/worker/network", import.meta.url));
const tests = fileURLToPath(new URL("datagram-batch-test.cpp", import.meta.url));

describe("what the media worker sends together", () => {
  it("arrives as it was sent, under the compiler's sanitizers", async (t) => {
    const work = mkdtempSync(join(tmpdir(), "aparte-datagrams-"));
    t.after(() => {
      rmSync(work, { recursive: true, force: true });
    });
    const program = join(work, "datagram-batch-test");
    const source = join(network, "datagram-batch.cpp");
    await run("g++", [...testVariant.flags, `-I${network}`, "-o", program, source, tests]);
    // It ends with another code than 0 if a test fails, which rejects.
    const { stdout } = await run(program, [], { timeout: 60_000 });
    assert.deepEqual(stdout.trim().split("\n"), [
      "ok over IPv4 all arrives in order",
      "ok over IPv6 all arrives in order",
      "ok a batch has bounds",
      "ok an address that is refused costs no other",
    ]);
  });
});
