import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "../setup/run-command.mjs";
import { SetupError } from "../setup/setup-error.mjs";
import { batchesOf, batchSource } from "./batches.mjs";
import { libraries, optimization, systemLibsrtp } from "./build-tools.mjs";
import { compileLibsrtp } from "./libsrtp.mjs";
import { applyPatch, patches } from "./patches.mjs";
import { workerSources } from "./sources.mjs";

const shim = fileURLToPath(new URL("shim", import.meta.url));

/** What this project adds to the worker's own sources. */
const network = fileURLToPath(new URL("network", import.meta.url));

/** All but the optimization as in the package's own meson.build, in release mode. */
const flags = [
  "-std=c++20",
  ...optimization,
  "-pthread",
  "-w",
  "-DNDEBUG",
  "-DMS_EXECUTABLE",
  "-DMS_LITTLE_ENDIAN",
  "-DFLATBUFFERS_LOCALE_INDEPENDENT=1",
];

/** As in the package's fbs/FBS/meson.build. */
const schemaFlags = [
  "--cpp",
  "--cpp-field-case-style",
  "lower",
  "--reflect-names",
  "--scoped-enums",
  "--filename-suffix",
  "",
];

/**
 * @typedef {object} Build
 * @property {string} worker the folder `worker` of the npm package mediasoup
 * @property {string} work an empty folder for what is made on the way
 * @property {string} logFile gets every command's output
 * @property {import("../setup/progress.mjs").Progress} progress
 */

/**
 * @param {Build} build
 * @param {string} command
 * @param {string[]} args
 */
async function mustRun(build, command, args) {
  const { code, tail } = await runCommand(command, args, { logFile: build.logFile });
  if (code === 0) return tail;
  throw new SetupError(
    `Compiling mediasoup's worker failed: ${command} ended with code ${code}.\n\n${tail}`,
    `The whole log is in ${build.logFile}`,
  );
}

/**
 * @param {Build} build
 * @param {"--cflags" | "--libs"} kind
 * @param {readonly string[]} names of pkg-config
 */
async function libraryFlags(build, kind, names) {
  const text = await mustRun(build, "pkg-config", [kind, ...names]);
  return text.trim().split(/\s+/).filter(Boolean);
}

/**
 * Writes the patched copies.
 *
 * @param {Build} build
 * @returns {Map<string, string>} from a file to its copy
 */
function writePatched(build) {
  const copies = new Map();
  for (const patch of patches) {
    const file = join(build.worker, patch.file);
    const copy = join(patchedFolder(build), patch.file);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, applyPatch(patch, readFileSync(file, "utf8")));
    copies.set(file, copy);
  }
  return copies;
}

/** @param {Build} build */
function patchedFolder({ work }) {
  return join(work, "patched");
}

/**
 * Compiles a batch of sources as one; if they don't go together, each by itself.
 *
 * @param {Build} build
 * @param {string[]} compile the compiler's flags
 * @param {readonly string[]} sources
 * @param {string} name path that the files made begin with
 * @returns {Promise<string[]>} the object files
 */
async function compileBatch(build, compile, sources, name) {
  const together = `${name}.cpp`;
  writeFileSync(together, batchSource(sources));
  const object = `${name}.o`;
  const { code } = await runCommand("g++", [...compile, "-c", "-o", object, together], {
    logFile: build.logFile,
  });
  if (code === 0) return [object];

  const objects = sources.map((_source, index) => `${name}-${index}.o`);
  for (const [index, source] of sources.entries()) {
    await mustRun(build, "g++", [...compile, "-c", "-o", objects[index] ?? "", source]);
  }
  return objects;
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {number} width how many at once
 * @param {(item: T) => Promise<void>} work
 */
async function forEachParallel(items, width, work) {
  // The lanes share one iterator, so each item is taken once.
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/**
 * What the worker is linked with: libsrtp on OpenSSL where it could be made, else the system's.
 *
 * @param {Build} build
 * @param {import("./libsrtp.mjs").CompiledLibsrtp} libsrtp
 */
async function linkedLibraries(build, libsrtp) {
  if ("reason" in libsrtp) return libraryFlags(build, "--libs", libraries);
  const others = libraries.filter((name) => name !== systemLibsrtp);
  return [libsrtp.archive, ...(await libraryFlags(build, "--libs", others))];
}

/**
 * Compiles the worker from the source inside the npm package, with the
 * system's libraries and the headers in `shim/`; downloads nothing.
 *
 * @param {Build} build
 * @returns {Promise<{binary: string, slowSrtp: string | undefined}>} the path of the binary, inside
 *   `work`, and why it has the system's libsrtp, if it has
 * @throws {SetupError} with the end of the failed command's output
 */
export async function buildFromSource(build) {
  const { trees, schemas, includes } = workerSources(build.worker);
  const generated = join(build.work, "generated");
  const objects = join(build.work, "objects");
  const srtp = join(build.work, "libsrtp");
  for (const folder of [join(generated, "FBS"), objects, srtp]) {
    mkdirSync(folder, { recursive: true });
  }
  // Beside all else, as half of it is waiting for a mirror. It never rejects.
  const compilingLibsrtp = compileLibsrtp(srtp, build.logFile);

  build.progress.update("compiling mediasoup's worker: interface definitions");
  await mustRun(build, "flatc", [...schemaFlags, "-o", join(generated, "FBS"), ...schemas]);

  const patched = writePatched(build);
  // The patched headers before those they are made from.
  const includeFlags = [
    shim,
    network,
    join(patchedFolder(build), "include"),
    generated,
    ...includes,
    join(generated, "FBS"),
  ].map((folder) => `-I${folder}`);
  const compile = [
    ...flags,
    ...includeFlags,
    ...(await libraryFlags(build, "--cflags", libraries)),
  ];
  let compiled = 0;
  /** @type {string[]} */
  const objectFiles = [];
  const units = [...trees, [join(network, "datagram-batch.cpp")]];
  const batches = units.flatMap((some) => batchesOf(some));
  const total = units.flat().length;
  build.progress.update(`compiling mediasoup's worker: 0/${total}`);
  await forEachParallel([...batches.entries()], cpus().length, async ([index, batch]) => {
    const sources = batch.map((unit) => patched.get(unit) ?? unit);
    const name = join(objects, String(index).padStart(3, "0"));
    objectFiles.push(...(await compileBatch(build, compile, sources, name)));
    compiled += batch.length;
    build.progress.update(`compiling mediasoup's worker: ${compiled}/${total}`);
  });

  build.progress.update("compiling mediasoup's worker: all together");
  const binary = join(build.work, "mediasoup-worker");
  // Sorted, so that the binary doesn't depend on which batch was ready first.
  objectFiles.sort();
  const libsrtp = await compilingLibsrtp;
  const link = [...optimization, "-pthread", "-s", "-o", binary, ...objectFiles];
  await mustRun(build, "g++", [...link, ...(await linkedLibraries(build, libsrtp))]);
  return { binary, slowSrtp: "reason" in libsrtp ? libsrtp.reason : undefined };
}
