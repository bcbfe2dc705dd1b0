import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installDebianPackages } from "./debian.mjs";
import { SetupError } from "./setup-error.mjs";

const names = ["firefox-esr", "firefox"];

const macApplication = "/Applications/Firefox.app/Contents/MacOS/firefox";

/** @returns {string | undefined} the first Firefox of this machine */
function findFirefox() {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"];
  const onPath = folders.filter(Boolean).flatMap((folder) => names.map((n) => join(folder, n)));
  return [...onPath, macApplication].find((path) => existsSync(path));
}

/** @type {import("./run-steps.mjs").Step} */
export const firefoxStep = {
  name: "firefox",

  async find() {
    const given = process.env.APARTE_FIREFOX;
    if (given) {
      if (existsSync(given)) return { firefox: given };
      throw new SetupError(`APARTE_FIREFOX is ${given}, which doesn't exist.`);
    }
    const firefox = findFirefox();
    return firefox === undefined ? undefined : { firefox };
  },

  async make(_setup, progress) {
    if (process.platform === "darwin") {
      throw new SetupError(
        "The browser tests need Firefox beside Chromium.",
        "brew install --cask firefox   (or set APARTE_FIREFOX to a binary)",
      );
    }
    await installDebianPackages(["firefox-esr"], "the browser tests", progress);
    const firefox = findFirefox();
    if (firefox === undefined) throw new SetupError("Firefox was installed, but isn't found.");
    return { did: "Firefox installed", found: { firefox } };
  },
};
