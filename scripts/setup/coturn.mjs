import { existsSync } from "node:fs";
import { join } from "node:path";
import { installDebianPackages } from "./debian.mjs";
import { SetupError } from "./setup-error.mjs";

/** The server, and the clients that test servers. */
const programs = ["turnserver", "turnutils_uclient", "turnutils_stunclient", "turnutils_peer"];
/** Where the engine looks for the server, too. */
const folders = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];

function isInstalled() {
  return programs.every((program) => folders.some((folder) => existsSync(join(folder, program))));
}

/** @type {import("./run-steps.mjs").Step} */
export const coturnStep = {
  name: "coturn",

  async find() {
    return isInstalled() ? {} : undefined;
  },

  async make(_setup, progress) {
    if (process.platform === "darwin") {
      throw new SetupError("The tests of the relay need coturn.", "brew install coturn");
    }
    await installDebianPackages(["coturn"], "the tests of the relay", progress);
    if (!isInstalled()) throw new SetupError("coturn was installed, but isn't found.");
    return { did: "coturn installed", found: {} };
  },
};
