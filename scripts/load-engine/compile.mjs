import { mkdirSync, readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../setup/project.mjs";
import { runCommand } from "../setup/run-command.mjs";
import { SetupError } from "../setup/setup-error.mjs";
import { libraries, otherLibraries } from "./build-tools.mjs";

/** Relative to the project's root. */
export const nativeFolder = "loadtest/native";

/**
 * @typedef {object} Build
 * @property {import("./variants.mjs").Variant} variant
 * @property {string} work an empty folder for what is made on the way
 * @property {string} logFile gets every command's output
 * @property {(done: number, total: number) => void} onProgress
 */

/**
 * @param {Build} build
 * @param {string} command
 * @param {readonly string[]} args
 */
async function mustRun(build, command, args) {
  const { code, tail } = await runCommand(command, args, { logFile: build.logFile });
  if (code === 0) return tail;
  throw new SetupError(
    `Compiling ${build.variant.program} failed: ${command} ended with code ${code}.\n\n${tail}`,
    `The whole log is in ${build.logFile}`,
  );
}

/**
 * @param {Build} build
 * @param {"--cflags" | "--libs"} kind
 */
async function libraryFlags(build, kind) {
  const text = await mustRun(build, "pkg-config", [kind, ...libraries]);
  return text.trim().split(/\s+/).filter(Boolean);
}

/** @param {Build} build */
function sourcesOf({ variant }) {
  const isLeftOut = (/** @type {string} */ folder, /** @type {string} */ name) =>
    folder === "source" && variant.leftOut.includes(name);
  return variant.folders.flatMap((folder) =>
    readdirSync(join(projectRoot, nativeFolder, folder))
      .filter((name) => name.endsWith(".cpp") && !isLeftOut(folder, name))
      .sort()
      .map((name) => join(projectRoot, nativeFolder, folder, name)),
  );
}

/**
 * @param {Build} build
 * @returns {Promise<string>} the path of the program, inside `work`
 * @throws {SetupError} with the end of the compiler's output
 */
export async function compile(build) {
  const { variant, work } = build;
  mkdirSync(work, { recursive: true });
  const sources = sourcesOf(build);
  const include = `-I${join(projectRoot, nativeFolder, "source")}`;
  const flags = [...variant.flags, include, ...(await libraryFlags(build, "--cflags"))];
  let done = 0;
  /** @type {string[]} */
  const objects = [];
  // The lanes share one iterator, so each file is taken once.
  const queue = sources.entries();
  const lane = async () => {
    for (const [index, source] of queue) {
      const object = join(work, `${index}.o`);
      await mustRun(build, "g++", [...flags, "-c", "-o", object, source]);
      objects[index] = object;
      done += 1;
      build.onProgress(done, sources.length);
    }
  };
  await Promise.all(Array.from({ length: cpus().length }, lane));
  const program = join(work, variant.program);
  const libs = [...(await libraryFlags(build, "--libs")), ...otherLibraries];
  await mustRun(build, "g++", [...variant.flags, "-o", program, ...objects, ...libs]);
  return program;
}
