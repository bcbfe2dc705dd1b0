import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { buildFromSource } from "../worker/build-from-source.mjs";
import { ensureBuildTools } from "../worker/build-tools.mjs";
import { fetchPrebuilt } from "../worker/prebuilt.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { libcName } from "./packages.mjs";
import { projectRoot, sharedCacheDirectory } from "./project.mjs";
import { runCommand } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/** What the worker exits with when mediasoup isn't its parent (its main.cpp). */
const orphanExitCode = 41;

const packageFolder = join(projectRoot, "node_modules", "mediasoup");
const cacheFolder = join(sharedCacheDirectory(), "mediasoup-worker");

/**
 * @param {string} binary
 * @returns {Promise<boolean>} whether it runs on this machine, libraries included
 */
async function runs(binary) {
  if (!existsSync(binary)) return false;
  return (await runCommand(binary, [], { env: {}, timeoutMs: 5_000 })).code === orphanExitCode;
}

/** @returns {string} the version of the installed mediasoup */
function mediasoupVersion() {
  return JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")).version;
}

/** @returns {string} the distribution and its release, which fix the libraries */
function distribution() {
  if (!existsSync("/etc/os-release")) return "";
  const lines = readFileSync("/etc/os-release", "utf8").split("\n");
  return lines.filter((line) => /^(ID|VERSION_ID)=/.test(line)).join(" ");
}

/** Where the two kinds of worker for this machine and version are cached. */
function cached() {
  const machine = [mediasoupVersion(), process.platform, process.arch, libcName()];
  const name = machine.filter(Boolean).join("-");
  const recipe = fingerprint(projectRoot, ["scripts/worker"], [distribution()]).slice(0, 12);
  return {
    prebuilt: join(cacheFolder, `${name}-prebuilt`, "mediasoup-worker"),
    built: join(cacheFolder, `${name}-${recipe}`, "mediasoup-worker"),
  };
}

/**
 * Moves a finished binary to its place in one step, so that the cache never
 * holds half of one.
 *
 * @param {string} binary
 * @param {string} target
 */
function install(binary, target) {
  mkdirSync(join(target, ".."), { recursive: true });
  chmodSync(binary, 0o755);
  renameSync(binary, target);
}

/**
 * @param {string} work
 * @param {string} target
 * @returns {Promise<string | undefined>} why it can't be used
 */
async function tryPrebuilt(work, target) {
  if (process.env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD) return "switched off";
  const file = join(work, "prebuilt");
  const failure = await fetchPrebuilt(mediasoupVersion(), file);
  if (failure !== undefined) return failure;
  if (!(await runs(file))) return "it doesn't run on this machine";
  install(file, target);
  return undefined;
}

/** Removes what builds that were killed have left. Only the holder of the step's lock may do so. */
function removeAbandonedWork() {
  if (!existsSync(cacheFolder)) return;
  for (const name of readdirSync(cacheFolder)) {
    if (name.startsWith("work-")) rmSync(join(cacheFolder, name), { recursive: true, force: true });
  }
}

/** @type {import("./run-steps.mjs").Step} */
export const workerStep = {
  name: "worker",
  lockFile: join(cacheFolder, "lock"),

  async find() {
    const given = process.env.MEDIASOUP_WORKER_BIN;
    if (given) {
      if (await runs(resolve(given))) return { workerBin: resolve(given) };
      throw new SetupError(
        `MEDIASOUP_WORKER_BIN is ${given}, which is not a mediasoup-worker that runs here.`,
        "Unset it to have one found or built.",
      );
    }
    const { prebuilt, built } = cached();
    for (const workerBin of [prebuilt, built]) if (await runs(workerBin)) return { workerBin };
    return undefined;
  },

  async make(_setup, progress) {
    const version = mediasoupVersion();
    const { prebuilt, built } = cached();
    const work = join(cacheFolder, `work-${process.pid}`);
    const logFile = join(cacheFolder, "build.log");
    rmSync(logFile, { force: true });
    removeAbandonedWork();
    mkdirSync(work, { recursive: true });
    try {
      progress.update(`looking for mediasoup's own worker ${version}`);
      const reason = await tryPrebuilt(work, prebuilt);
      if (reason === undefined) {
        return {
          did: `mediasoup's own worker ${version} downloaded`,
          found: { workerBin: prebuilt },
        };
      }

      if (process.platform !== "linux") {
        throw new SetupError(
          `mediasoup's own worker ${version} can't be had (${reason}), and building it from ` +
            `source is only supported on Linux.`,
          "Set MEDIASOUP_WORKER_BIN to the path of a mediasoup-worker of this version.",
        );
      }
      await ensureBuildTools(progress);
      const worker = join(packageFolder, "worker");
      const { binary, slowSrtp } = await buildFromSource({ worker, work, logFile, progress });
      if (!(await runs(binary))) throw new SetupError("The compiled worker doesn't run.");
      install(binary, built);
      const srtp = slowSrtp === undefined ? "" : `; with the system's libsrtp (${slowSrtp})`;
      return {
        did: `worker ${version} compiled, as mediasoup's own can't be had (${reason})${srtp}`,
        found: { workerBin: built },
      };
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};
