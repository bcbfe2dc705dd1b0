import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  callJavaScript,
  callJavaScriptLimit,
  initialJavaScript,
  initialJavaScriptLimit,
} from "../web/initial-javascript.mjs";
import { precompress } from "../web/precompress.mjs";
import { fingerprint, readStamp, writeStamp } from "./fingerprint.mjs";
import { projectRoot } from "./project.mjs";
import { runCommand } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/** Everything that the page is made of. */
const inputs = [
  "src/web",
  "src/client",
  "src/e2ee",
  "src/protocol",
  "src/lib",
  "vite.config.ts",
  "package-lock.json",
];

const dist = join(projectRoot, "dist", "web");
/** Within the page, so that it goes when something else builds into that folder. */
const stamp = join(dist, ".vite", "stamp");

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/**
 * @param {{gzipBytes: number}} loaded
 * @param {number} limit
 */
function verdictOn({ gzipBytes }, limit) {
  const verdict = gzipBytes < limit ? "of" : "MORE than";
  return `${kilobytes(gzipBytes)} ${verdict} the ${kilobytes(limit)} allowed`;
}

/** @param {string} output of Vite, which says what is wrong and then where in Vite that was */
function withoutStacks(output) {
  return output
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .join("\n");
}

/** @type {import("./run-steps.mjs").Step} */
export const webStep = {
  name: "web",

  async find() {
    if (!existsSync(join(dist, "index.html"))) return undefined;
    return readStamp(stamp) === fingerprint(projectRoot, inputs) ? {} : undefined;
  },

  async make(setup, progress) {
    progress.update("building the page");
    // Before the build: an edit while it runs must lead to another one.
    const built = fingerprint(projectRoot, inputs);
    const unfinished = `${dist}.unfinished`;
    // What a build left that was ended; nobody else is at work, by the step's lock.
    rmSync(unfinished, { recursive: true, force: true });
    const vite = join(projectRoot, "node_modules", "vite", "bin", "vite.js");
    const args = [vite, "build", "--logLevel", "warn", "--outDir", unfinished];
    try {
      const { code, tail } = await runCommand(setup.node, args, {
        cwd: projectRoot,
        env: { ...process.env, NO_COLOR: "1" },
        keepLines: 200,
      });
      if (code !== 0) throw new SetupError(`Building the page failed.\n\n${withoutStacks(tail)}`);
      precompress(unfinished);
      rmSync(dist, { recursive: true, force: true });
      renameSync(unfinished, dist);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    writeStamp(stamp, built);
    return {
      did:
        "page built; JavaScript, gzipped: " +
        `${verdictOn(initialJavaScript(dist), initialJavaScriptLimit)} at first load, ` +
        `${verdictOn(callJavaScript(dist), callJavaScriptLimit)} in a call`,
      found: {},
    };
  },
};
