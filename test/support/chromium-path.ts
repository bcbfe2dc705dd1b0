import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** `APARTE_CHROMIUM`, which setup gives, or the first on the path. */
export function chromiumPath(): string {
  const given = process.env["APARTE_CHROMIUM"];
  if (given !== undefined && given !== "") return given;
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin"];
  const found = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("no Chromium: set APARTE_CHROMIUM to one");
  return found;
}
