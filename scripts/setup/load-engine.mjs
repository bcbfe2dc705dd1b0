import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensureBuildTools } from "../load-engine/build-tools.mjs";
import { compile, nativeFolder } from "../load-engine/compile.mjs";
import { releaseVariant, testVariant } from "../load-engine/variants.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { projectRoot, sharedCacheDirectory } from "./project.mjs";
import { commandSucceeds } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/** @typedef {import("../load-engine/variants.mjs").Variant} Variant */

const cacheFolder = join(sharedCacheDirectory(), "load-engine");

/** @returns {string} the distribution and its release, which fix the libraries */
function distribution() {
  if (!existsSync("/etc/os-release")) return "";
  const lines = readFileSync("/etc/os-release", "utf8").split("\n");
  return lines.filter((line) => /^(ID|VERSION_ID)=/.test(line)).join(" ");
}

/**
 * Where what is compiled from the present sources lies.
 *
 * @param {Variant} variant
 */
function cached(variant) {
  const sources = variant.folders.map((folder) => join(nativeFolder, folder));
  const recipe = ["scripts/load-engine", ...sources];
  const machine = [distribution(), process.platform, process.arch];
  const key = fingerprint(projectRoot, recipe, machine).slice(0, 16);
  return join(cacheFolder, key, variant.program);
}

/** @param {string} program */
async function runs(program) {
  return existsSync(program) && commandSucceeds(program, ["--version"], { timeoutMs: 5_000 });
}

/**
 * @param {Variant} variant
 * @param {import("./progress.mjs").Progress} progress
 * @returns {Promise<string>} the program's path
 */
async function build(variant, progress) {
  if (process.platform !== "linux") {
    throw new SetupError(
      "The load test's native engine is for Linux: it uses epoll and the kernel's receive stamps.",
      "Use the portable engine here.",
    );
  }
  const target = cached(variant);
  const logFile = join(cacheFolder, `${variant.program}.log`);
  const work = join(cacheFolder, `work-${variant.program}`);
  rmSync(logFile, { force: true });
  // What a build left that was killed; nobody else is at work, by the step's lock.
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    await ensureBuildTools(progress);
    /** @type {(done: number, total: number) => void} */
    const onProgress = (done, total) => {
      progress.update(`compiling ${variant.program}: ${done}/${total}`);
    };
    onProgress(0, 1);
    const program = await compile({ variant, work, logFile, onProgress });
    mkdirSync(join(target, ".."), { recursive: true });
    // In one step, so that the cache never holds half of one.
    renameSync(program, target);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @type {import("./run-steps.mjs").Step} */
export const loadEngineStep = {
  name: "load-engine",
  lockFile: join(cacheFolder, "lock"),

  async find() {
    const given = process.env.APARTE_LOAD_ENGINE;
    if (given) {
      if (await runs(resolve(given))) return { loadEngine: resolve(given) };
      throw new SetupError(
        `APARTE_LOAD_ENGINE is ${given}, which is not a load engine that runs here.`,
        "Unset it to have one built.",
      );
    }
    const program = cached(releaseVariant);
    return (await runs(program)) ? { loadEngine: program } : undefined;
  },

  async make(_setup, progress) {
    const loadEngine = await build(releaseVariant, progress);
    if (!(await runs(loadEngine))) throw new SetupError("The compiled load engine doesn't run.");
    return { did: "load engine compiled", found: { loadEngine } };
  },
};

/**
 * The engine's own tests, with the compiler's sanitizers.
 *
 * @type {import("./run-steps.mjs").Step}
 */
export const loadEngineTestsStep = {
  name: "load-engine-tests",
  lockFile: join(cacheFolder, "tests-lock"),

  async find() {
    const program = cached(testVariant);
    return existsSync(program) ? { loadEngineTests: program } : undefined;
  },

  async make(_setup, progress) {
    const loadEngineTests = await build(testVariant, progress);
    return { did: "tests of the load engine compiled", found: { loadEngineTests } };
  },
};
