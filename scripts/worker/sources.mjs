import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} folder that holds a meson.build
 * @param {RegExp} entry matches the quoted paths to take; group 1 is the path
 */
function listed(folder, entry) {
  const text = readFileSync(join(folder, "meson.build"), "utf8");
  return [...text.matchAll(entry)].map((match) => join(folder, match[1] ?? ""));
}

/**
 * The worker's sources in the npm package, as its own build files list them.
 *
 * @param {string} worker the folder `worker` of the package
 */
export function workerSources(worker) {
  const webrtc = join(worker, "deps", "libwebrtc");
  const schemas = join(worker, "fbs");
  return {
    trees: [
      [...listed(worker, /^\s*'(src\/[^']+\.cpp)',$/gm), join(worker, "src", "main.cpp")],
      listed(webrtc, /^\s*'(libwebrtc\/[^']+\.cc)',$/gm),
    ],
    schemas: readdirSync(schemas)
      .filter((name) => name.endsWith(".fbs"))
      .map((name) => join(schemas, name)),
    includes: [join(worker, "include"), webrtc, join(webrtc, "libwebrtc")],
  };
}
