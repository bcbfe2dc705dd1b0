import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./setup-error.mjs";

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}

/**
 * What tells a process from a later one that got the same id, as happens soon
 * in containers and after a boot.
 *
 * @param {number} pid
 * @returns {string} empty if the process has ended, or the system doesn't say
 */
function birthOf(pid) {
  try {
    // proc(5): the name in parentheses may hold anything. Behind it come the state, and 19 fields
    // later the start in ticks since the boot.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie holds nothing any more, even where nobody ever reaps it.
    if (fields[0] === "Z" || fields[0] === "X") return "";
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}-${fields[19]}`;
  } catch {
    return "";
  }
}

const ownName = `${process.pid} ${birthOf(process.pid)}`;

/**
 * @param {string} file
 * @returns {boolean} whether the process that wrote this lock still runs
 */
function holderLives(file) {
  const [pid, birth = ""] = readFileSync(file, "utf8").trim().split(" ");
  if (pid === undefined || !/^[1-9]\d*$/.test(pid)) return false;
  if (ownName !== `${process.pid} `) return birth !== "" && birthOf(Number(pid)) === birth;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return hasCode(error, "EPERM");
  }
}

/**
 * @param {string} file
 * @returns {boolean} whether it is ours now
 */
function tryTake(file) {
  const whole = `${file}.${process.pid}`;
  // Written elsewhere first: whoever looks must never see a lock without a name in it.
  writeFileSync(whole, ownName);
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

/** @param {string} file */
function removeIfAbandoned(file) {
  const aside = `${file}.${process.pid}`;
  try {
    if (holderLives(file)) return;
    // Of all who saw that, one gets it; somebody quicker may even hold it anew by now.
    renameSync(file, aside);
    if (holderLives(aside)) linkSync(aside, file);
  } catch {
    // It was released or taken between our two looks at it: the next try tells.
  }
  rmSync(aside, { force: true });
}

/**
 * @template T
 * @param {string} folder
 * @param {() => T} work
 * @returns {T}
 */
function inFolder(folder, work) {
  try {
    mkdirSync(folder, { recursive: true });
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(
      `Setup keeps what it makes in ${folder}, which can't be written: ${reason}`,
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
 * @throws {SetupError} if the lock can't be written
 */
export async function withLock(file, work, onWait) {
  let waited = false;
  while (!inFolder(dirname(file), () => tryTake(file))) {
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
