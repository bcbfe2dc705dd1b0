import { installDebianPackages } from "../setup/debian.mjs";
import { commandSucceeds } from "../setup/run-command.mjs";
import { SetupError } from "../setup/setup-error.mjs";

/** The one that is compiled anew where it can be, see `compileLibsrtp`. */
export const systemLibsrtp = "libsrtp2";

/** pkg-config names of the libraries that the worker is linked with. */
export const libraries = [
  "libuv",
  "openssl",
  systemLibsrtp,
  "absl_strings",
  "absl_optional",
  "jemalloc",
];

/**
 * For compiling and linking. What a packet costs is spread over many small functions of many files
 * (docs/adr/0022), and all files together take no longer to compile this way.
 */
export const optimization = ["-O3", "-flto=auto"];

/**
 * What compiling takes: how to see that it is there, and the Debian packages
 * that bring it.
 *
 * @type {ReadonlyArray<{probe: readonly [string, ...string[]], packages: readonly string[]}>}
 */
const tools = [
  { probe: ["g++", "--version"], packages: ["g++"] },
  { probe: ["pkg-config", "--version"], packages: ["pkg-config"] },
  {
    probe: ["flatc", "--version"],
    packages: ["flatbuffers-compiler", "libflatbuffers-dev"],
  },
  { probe: ["pkg-config", "--exists", "libuv"], packages: ["libuv1-dev"] },
  { probe: ["pkg-config", "--exists", "openssl"], packages: ["libssl-dev"] },
  { probe: ["pkg-config", "--exists", "libsrtp2"], packages: ["libsrtp2-dev"] },
  { probe: ["pkg-config", "--exists", "absl_strings"], packages: ["libabsl-dev"] },
  { probe: ["pkg-config", "--exists", "jemalloc"], packages: ["libjemalloc-dev"] },
];

/** @returns {Promise<string[]>} Debian's names of what isn't installed */
async function missingPackages() {
  const missing = [];
  for (const { probe, packages } of tools) {
    const [command, ...args] = probe;
    if (!(await commandSucceeds(command, args))) missing.push(...packages);
  }
  return missing;
}

/**
 * Makes sure that the compiler and libraries are there: installs them where
 * we may, else says how.
 *
 * @param {import("../setup/progress.mjs").Progress} progress
 */
export async function ensureBuildTools(progress) {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  await installDebianPackages(missing, "compiling mediasoup's worker", progress);
  const still = await missingPackages();
  if (still.length > 0) {
    throw new SetupError(`Installed, but still not usable: ${still.join(", ")}.`);
  }
}
