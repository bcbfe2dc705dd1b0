import { installDebianPackages } from "../setup/debian.mjs";
import { commandSucceeds } from "../setup/run-command.mjs";
import { SetupError } from "../setup/setup-error.mjs";

/** pkg-config names of the libraries that the engine is made with. */
export const libraries = ["libsrtp2", "libssl", "libcrypto", "nlohmann_json"];

/** Intel's AES-GCM, where there are its instructions; OpenSSL's does it elsewhere. */
const hasIpsec = process.arch === "x64";
/** What pkg-config doesn't know. */
export const otherLibraries = hasIpsec ? ["-lIPSec_MB"] : [];

/**
 * How to see that a tool is there, and the Debian package that brings it.
 *
 * @type {Array<{probe: readonly [string, ...string[]], package: string}>}
 */
const tools = [
  { probe: ["g++", "--version"], package: "g++" },
  { probe: ["pkg-config", "--version"], package: "pkg-config" },
  { probe: ["pkg-config", "--exists", "libsrtp2"], package: "libsrtp2-dev" },
  { probe: ["pkg-config", "--exists", "libssl"], package: "libssl-dev" },
  { probe: ["pkg-config", "--exists", "nlohmann_json"], package: "nlohmann-json3-dev" },
];
if (hasIpsec) {
  const includes = ["-include", "intel-ipsec-mb.h", "-x", "c++", "/dev/null"];
  tools.push({ probe: ["g++", "-fsyntax-only", ...includes], package: "libipsec-mb-dev" });
}

/** @returns {Promise<string[]>} Debian's names of what isn't installed */
async function missingPackages() {
  const missing = [];
  for (const tool of tools) {
    const [command, ...args] = tool.probe;
    if (!(await commandSucceeds(command, args))) missing.push(tool.package);
  }
  return missing;
}

/**
 * Makes sure that the compiler and libraries are there: installs them where we may, else says how.
 *
 * @param {import("../setup/progress.mjs").Progress} progress
 */
export async function ensureBuildTools(progress) {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  await installDebianPackages(missing, "compiling the load test's engine", progress);
  const still = await missingPackages();
  if (still.length > 0) {
    throw new SetupError(`Installed, but still not usable: ${still.join(", ")}.`);
  }
}
