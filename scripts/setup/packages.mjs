import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { npmFailure, runNpm } from "./npm.mjs";
import { projectRoot } from "./project.mjs";

/**
 * One package of a lockfile.
 *
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 */

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function lockedPackages(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

/**
 * npm's rule for `os`, `cpu` and `libc`: `!x` excludes, others are the only ones.
 *
 * @param {readonly string[] | undefined} allowed
 * @param {string} actual
 */
export function platformAllows(allowed, actual) {
  if (!allowed || allowed.length === 0) return true;
  if (allowed.includes(`!${actual}`)) return false;
  const positive = allowed.filter((entry) => !entry.startsWith("!"));
  return positive.length === 0 || positive.includes(actual);
}

/** @returns {string} `glibc` or `musl` on Linux, else an empty text */
export function libcName() {
  if (process.platform !== "linux") return "";
  const dynamicLoaders = ["/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"];
  return dynamicLoaders.some((path) => existsSync(path)) ? "musl" : "glibc";
}

/** @param {LockedPackage} locked */
function belongsHere(locked) {
  return (
    platformAllows(locked.os, process.platform) &&
    platformAllows(locked.cpu, process.arch) &&
    platformAllows(locked.libc, libcName())
  );
}

/**
 * Of the optional ones npm leaves out those made for other platforms, and what
 * only those need, which names no platform itself.
 *
 * @param {LockedPackage} locked
 */
function mayBeMissing(locked) {
  return !belongsHere(locked) || !(locked.os ?? locked.cpu ?? locked.libc);
}

/**
 * @param {string} root
 * @returns {boolean} whether node_modules holds what package-lock.json says,
 *   no matter who installed it
 */
export function packagesAreInstalled(root) {
  const wanted = lockedPackages(join(root, "package-lock.json"));
  const installed = lockedPackages(join(root, "node_modules", ".package-lock.json"));
  if (!wanted || !installed) return false;

  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const { "": top, ...rest } = wanted;
  const declared = { dependencies, devDependencies };
  const locked = {
    dependencies: top && "dependencies" in top ? top.dependencies : undefined,
    devDependencies: top && "devDependencies" in top ? top.devDependencies : undefined,
  };
  if (!isDeepStrictEqual(declared, locked)) return false;

  return Object.entries(rest).every(([path, entry]) => {
    const there = installed[path];
    if (!there) return entry.optional === true && mayBeMissing(entry);
    return (
      there.version === entry.version &&
      there.integrity === entry.integrity &&
      existsSync(join(root, path, "package.json"))
    );
  });
}

/** @type {import("./run-steps.mjs").Step} */
export const packagesStep = {
  name: "packages",

  async find() {
    return packagesAreInstalled(projectRoot) ? {} : undefined;
  },

  async make(setup, progress) {
    const wanted = lockedPackages(join(projectRoot, "package-lock.json")) ?? {};
    const total =
      Object.values(wanted).filter((entry) => !entry.optional || !mayBeMissing(entry)).length - 1;
    progress.update(`installing ${total} packages`);
    const { code, tail } = await runNpm(setup.node, ["ci"], {
      cwd: projectRoot,
      onFetch: (count) =>
        progress.update(`installing packages: ${Math.min(count, total)}/${total}`),
    });
    if (code !== 0) throw npmFailure("Installing packages", tail);
    return { did: `${total} packages installed`, found: {} };
  },
};
