import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { projectRoot } from "../../../scripts/setup/project.mjs";
import { batchesOf, batchSource } from "../../../scripts/worker/batches.mjs";
import { workerSources } from "../../../scripts/worker/sources.mjs";

describe("batchesOf", () => {
  const folder = mkdtempSync(join(tmpdir(), "aparte-batches-"));
  after(() => rmSync(folder, { recursive: true }));

  function source(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }

  it("keeps apart what defines the same name for itself", () => {
    const a = source("a.cpp", "namespace A\n{\n\tstatic constexpr size_t BufferSize{ 1 };\n}\n");
    const b = source("b.cpp", "\talignas(4) static thread_local uint8_t BufferSize[9];\n");
    const c = source("c.cpp", "inline static void onClose(uv_handle_t* handle)\n{\n}\n");
    const d = source("d.cpp", "static void onClose(\n  int handle)\n{\n}\n");
    assert.deepEqual(batchesOf([a, b, c, d]), [
      [a, c],
      [b, d],
    ]);
  });

  it("fills no batch above its size", () => {
    const units = Array.from({ length: 30 }, (_, i) => source(`${i}.cpp`, "int nothing;\n"));
    assert.deepEqual(
      batchesOf(units).map(({ length }) => length),
      [12, 12, 6],
    );
  });
});

describe("batchSource", () => {
  it("frees the name that each file gives itself in the log", () => {
    assert.equal(batchSource(["/a.cpp"]), '#undef MS_CLASS\n#include "/a.cpp"\n');
  });
});

describe("workerSources", () => {
  it("finds every source of the installed mediasoup that its own build compiles", () => {
    const worker = join(projectRoot, "node_modules/mediasoup/worker");
    const { trees, schemas } = workerSources(worker);
    const [own = [], webrtc = []] = trees;
    assert.ok(own.includes(join(worker, "src/main.cpp")));
    assert.ok(own.includes(join(worker, "src/RTC/DtlsTransport.cpp")));
    assert.ok(own.length > 150 && webrtc.length > 30, `${own.length} and ${webrtc.length}`);
    assert.ok(schemas.length > 20);
  });
});
