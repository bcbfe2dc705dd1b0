import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Browser } from "puppeteer-core";
import { launch } from "puppeteer-core";

const PREFERENCES = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.autoplay.default": 0,
  // Loopback addresses instead of names that only multicast could resolve.
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "media.peerconnection.ice.loopback": true,
};

/** A Firefox, driven by WebDriver BiDi, with fake devices and a profile of its own. */
export function launchFirefox(): Promise<Browser> {
  return launch({
    browser: "firefox",
    executablePath: firefoxPath(),
    headless: true,
    extraPrefsFirefox: PREFERENCES,
    protocolTimeout: 120_000,
  });
}

/** `APARTE_FIREFOX`, which setup gives, or the first on the path. */
function firefoxPath(): string {
  const given = process.env["APARTE_FIREFOX"];
  if (given !== undefined && given !== "") return given;
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin"];
  const found = ["firefox-esr", "firefox"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("no Firefox: set APARTE_FIREFOX to one");
  return found;
}
