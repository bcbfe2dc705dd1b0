import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { withLock } from "../../../scripts/setup/lock.mjs";

const LOCK = new URL("../../../scripts/setup/lock.mjs", import.meta.url);

describe("withLock", () => {
  const folder = mkdtempSync(join(tmpdir(), "aparte-lock-"));
  after(() => rmSync(folder, { recursive: true }));

  it("lets one in at a time, and tells the other that it waits", async () => {
    const file = join(folder, "one");
    const events: string[] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const first = withLock(file, async () => {
      events.push("first in");
      await gate;
      events.push("first out");
    });
    const second = withLock(
      file,
      async () => void events.push("second in"),
      () => {
        events.push("second waits");
        open();
      },
    );
    await Promise.all([first, second]);
    assert.deepEqual(events, ["first in", "second waits", "first out", "second in"]);
    assert.equal(existsSync(file), false);
  });

  it("takes over the lock of a process that has died", async () => {
    const file = join(folder, "abandoned");
    // Above the largest process id that Linux gives out.
    writeFileSync(file, String(2 ** 22 + 1));
    assert.equal(await withLock(file, async () => "ran"), "ran");
  });

  it("takes over the lock of an earlier process that had the id of a living one", async () => {
    const file = join(folder, "same-id");
    writeFileSync(file, `${process.pid} of-another-boot`);
    assert.equal(await withLock(file, async () => "ran"), "ran");
  });

  it("takes over the lock of a process that was killed and that nobody reaps", async () => {
    const file = join(folder, "zombie");
    const holder = `
      import { withLock } from ${JSON.stringify(LOCK.href)};
      await withLock(${JSON.stringify(file)}, () => {
        console.log("in");
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      });
    `;
    // What the shell becomes knows nothing of the child that the shell started.
    const script = '"$0" --input-type=module --eval "$1" & exec sleep 60';
    const parent = spawn("sh", ["-c", script, process.execPath, holder], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      await once(parent.stdout, "data");
      process.kill(Number.parseInt(readFileSync(file, "utf8"), 10), "SIGKILL");
      assert.equal(await withLock(file, async () => "ran"), "ran");
    } finally {
      parent.kill();
    }
  });

  it("lets one in at a time, too, where many find an abandoned lock", async () => {
    const file = join(folder, "rush");
    const log = join(folder, "rush.log");
    const rusher = `
      import { appendFileSync } from "node:fs";
      import { setTimeout as sleep } from "node:timers/promises";
      import { withLock } from ${JSON.stringify(LOCK.href)};
      await withLock(${JSON.stringify(file)}, async () => {
        appendFileSync(${JSON.stringify(log)}, "in ");
        await sleep(20);
        appendFileSync(${JSON.stringify(log)}, "out ");
      });
    `;
    writeFileSync(file, String(2 ** 22 + 1));
    const run = promisify(execFile);
    await Promise.all(
      Array.from({ length: 4 }, () =>
        run(process.execPath, ["--input-type=module", "--eval", rusher]),
      ),
    );
    assert.equal(readFileSync(log, "utf8"), "in out ".repeat(4));
  });

  it("says what to do where its folder can't be made", async () => {
    const file = join(folder, "not-a-folder");
    writeFileSync(file, "");
    const locking = withLock(join(file, "cache", "lock"), async () => "ran");
    await assert.rejects(locking, { name: "SetupError", remedy: /APARTE_CACHE_DIR/ });
  });

  it("says what to do where its folder can't be written", async () => {
    const file = join(folder, "a-folder-itself");
    mkdirSync(`${file}.${process.pid}`);
    const locking = withLock(file, async () => "ran");
    await assert.rejects(locking, { name: "SetupError", remedy: /APARTE_CACHE_DIR/ });
  });

  it("is released when the work fails", async () => {
    const file = join(folder, "failing");
    const work = () => Promise.reject(new Error("no luck"));
    await assert.rejects(withLock(file, work), /no luck/);
    assert.equal(existsSync(file), false);
  });
});
