import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./setup-error.mjs";

/** @param {unknown} error */
function isAlreadyThere(error) {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

/**
 * @param {string} file
 * @returns {boolean} whether the process that wrote this lock still runs
 */
function holderLives(file) {
  const pid = Number(readFileSync(file, "utf8"));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * @param {string} file
 * @returns {boolean} whether it is ours now
 */
function tryTake(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (isAlreadyThere(error)) return false;
    throw error;
  }
}

/** @param {string} file */
function removeIfAbandoned(file) {
  try {
    if (!holderLives(file)) rmSync(file, { force: true });
  } catch {
    // It was released between our two looks at it: the next try takes it.
  }
}

/** @param {string} folder */
function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(
      `Setup keeps what it makes in ${folder}, which can't be made: ${reason}`,
      "Make that folder writable, or set APARTE_CACHE_DIR to another one for what clones share.",
    );
  }
}

/**
 * Runs `work` while no other process of this machine runs under the same lock,
 * so that two setups at once don't write the same files. A lock whose process
 * has died is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {() => void} [onWait] called once if another process holds it
 * @returns {Promise<T>}
 * @throws {SetupError} if the lock's folder can't be made
 */
export async function withLock(file, work, onWait) {
  makeFolder(dirname(file));
  let waited = false;
  while (!tryTake(file)) {
    removeIfAbandoned(file);
    if (!waited) onWait?.();
    waited = true;
    await sleep(250);
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}
