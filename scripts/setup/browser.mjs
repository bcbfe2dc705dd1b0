import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installDebianPackages } from "./debian.mjs";
import { SetupError } from "./setup-error.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const macApplications = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** @returns {string | undefined} the first Chromium or Chrome of this machine */
function findChromium() {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/snap/bin"];
  const onPath = folders.filter(Boolean).flatMap((folder) => names.map((n) => join(folder, n)));
  return [...onPath, ...macApplications].find((path) => existsSync(path));
}

/** @type {import("./run-steps.mjs").Step} */
export const browserStep = {
  name: "browser",

  async find() {
    const given = process.env.APARTE_CHROMIUM;
    if (given) {
      if (existsSync(given)) return { chromium: given };
      throw new SetupError(`APARTE_CHROMIUM is ${given}, which doesn't exist.`);
    }
    const chromium = findChromium();
    return chromium === undefined ? undefined : { chromium };
  },

  async make(_setup, progress) {
    if (process.platform === "darwin") {
      throw new SetupError(
        "The browser tests need Chromium or Google Chrome.",
        "brew install --cask google-chrome   (or set APARTE_CHROMIUM to a binary)",
      );
    }
    await installDebianPackages(["chromium"], "the browser tests", progress);
    const chromium = findChromium();
    if (chromium === undefined) throw new SetupError("Chromium was installed, but isn't found.");
    return { did: "Chromium installed", found: { chromium } };
  },
};
