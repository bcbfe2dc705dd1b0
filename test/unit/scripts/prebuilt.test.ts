import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileFromTar, prebuiltUrl } from "../../../scripts/worker/prebuilt.mjs";

describe("fileFromTar", () => {
  const folder = mkdtempSync(join(tmpdir(), "aparte-tar-"));
  after(() => rmSync(folder, { recursive: true }));
  const content = Buffer.alloc(1300, "worker");
  let archive: Buffer;

  before(() => {
    writeFileSync(join(folder, "other"), "x");
    writeFileSync(join(folder, "mediasoup-worker"), content);
    archive = execFileSync("tar", ["-c", "-C", folder, "other", "mediasoup-worker"]);
  });

  it("finds a file behind others", () => {
    assert.deepEqual(fileFromTar(archive, "mediasoup-worker"), content);
  });

  it("finds nothing where there is nothing", () => {
    assert.equal(fileFromTar(archive, "absent"), undefined);
    assert.equal(fileFromTar(Buffer.alloc(0), "absent"), undefined);
  });

  it("refuses a file that is cut off", () => {
    assert.equal(fileFromTar(archive.subarray(0, 2000), "mediasoup-worker"), undefined);
  });

  it("ends on garbage", () => {
    assert.equal(fileFromTar(Buffer.alloc(5000, 0x7f), "mediasoup-worker"), undefined);
  });
});

describe("prebuiltUrl", () => {
  it("names version and platform, below the mirror if there is one", () => {
    const mirror = { MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: "https://mirror.example/m" };
    const url = prebuiltUrl("3.27.1", mirror);
    const platform = `${process.platform}-${process.arch}`;
    assert.ok(
      url.startsWith(`https://mirror.example/m/3.27.1/mediasoup-worker-3.27.1-${platform}`),
    );
    assert.ok(url.endsWith(".tgz"));
    assert.match(prebuiltUrl("3.27.1", {}), /^https:\/\/github\.com\/versatica\/mediasoup\//);
  });
});
