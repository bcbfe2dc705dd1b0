import { existsSync } from "node:fs";
import { installDebianPackages } from "./debian.mjs";
import { commandSucceeds } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/** Debian's, with its plugins; a Janus of one's own would be another one to compare with. */
export const janusProgram = "/usr/bin/janus";

async function isInstalled() {
  return existsSync(janusProgram) && (await commandSucceeds("taskset", ["--version"]));
}

/**
 * The server that ours is measured beside, and what pins both to a core.
 *
 * @type {import("./run-steps.mjs").Step}
 */
export const janusStep = {
  name: "janus",

  async find() {
    return (await isInstalled()) ? {} : undefined;
  },

  async make(_setup, progress) {
    if (process.platform !== "linux") {
      throw new SetupError("What a packet costs is measured on Linux, where /proc tells it.");
    }
    await installDebianPackages(["janus", "util-linux"], "the comparison with Janus", progress);
    if (!(await isInstalled())) throw new SetupError("Janus was installed, but isn't found.");
    return { did: "Janus installed", found: {} };
  },
};
