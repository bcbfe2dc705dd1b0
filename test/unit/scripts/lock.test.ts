import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { withLock } from "../../../scripts/setup/lock.mjs";

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

  it("says what to do where its folder can't be made", async () => {
    const file = join(folder, "not-a-folder");
    writeFileSync(file, "");
    const locking = withLock(join(file, "cache", "lock"), async () => "ran");
    await assert.rejects(locking, { name: "SetupError", remedy: /APARTE_CACHE_DIR/ });
  });

  it("is released when the work fails", async () => {
    const file = join(folder, "failing");
    const work = () => Promise.reject(new Error("no luck"));
    await assert.rejects(withLock(file, work), /no luck/);
    assert.equal(existsSync(file), false);
  });
});
