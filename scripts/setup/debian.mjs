import { commandSucceeds, runCommand } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/**
 * Installs Debian packages if this is Debian (or a child of it) and we are
 * root; otherwise tells the user what to install.
 *
 * @param {readonly string[]} packages
 * @param {string} purpose what they are needed for
 * @param {import("./progress.mjs").Progress} progress
 * @throws {SetupError}
 */
export async function installDebianPackages(packages, purpose, progress) {
  const list = packages.join(" ");
  if (!(await commandSucceeds("apt-get", ["--version"]))) {
    throw new SetupError(
      `Missing for ${purpose}: ${list}`,
      "These are Debian's names; install what your system calls them.",
    );
  }
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      `Missing for ${purpose}: ${list}`,
      `sudo apt-get install --no-install-recommends ${list}`,
    );
  }

  progress.update(`installing Debian packages for ${purpose}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // The lists may be absent (a fresh container) or old; a failed refresh only
  // matters if the install fails too.
  await runCommand("apt-get", ["update", "-q"], { env });
  const args = ["install", "-qy", "--no-install-recommends", ...packages];
  const { code, tail } = await runCommand("apt-get", args, { env });
  if (code !== 0) {
    throw new SetupError(
      `Debian packages for ${purpose} could not be installed.\n\n${tail}`,
      `apt-get install --no-install-recommends ${list}`,
    );
  }
}
