import { commandSucceeds } from "./run-command.mjs";
import { installDebianPackages } from "./debian.mjs";
import { SetupError } from "./setup-error.mjs";

async function isInstalled() {
  const found = await Promise.all([
    commandSucceeds("nft", ["--version"]),
    commandSucceeds("ip", ["-V"]),
  ]);
  return !found.includes(false);
}

/**
 * What the tests of blocked networks cut them with.
 *
 * @type {import("./run-steps.mjs").Step}
 */
export const firewallStep = {
  name: "firewall",

  async find() {
    return (await isInstalled()) ? {} : undefined;
  },

  async make(_setup, progress) {
    if (process.platform !== "linux") {
      throw new SetupError("The tests of blocked networks need network namespaces, that is Linux.");
    }
    const packages = ["nftables", "iproute2"];
    await installDebianPackages(packages, "the tests of blocked networks", progress);
    if (!(await isInstalled())) throw new SetupError("nft was installed, but isn't found.");
    return { did: "nftables installed", found: {} };
  },
};
