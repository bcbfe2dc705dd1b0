import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** What the page may load before it is usable, in bytes of gzipped JavaScript. */
export const initialJavaScriptLimit = 250_000;
/** The same until somebody is in a call: the SDK comes while they choose their devices. */
export const callJavaScriptLimit = 250_000;

/** The SDK, as the manifest names it. */
const sdk = "../client/index.ts";

/**
 * @typedef {object} ManifestChunk
 * @property {string} file
 * @property {boolean} [isEntry]
 * @property {string[]} [imports] keys of the chunks that this one needs at once
 */

/**
 * The JavaScript that a browser loads at first: the entries and all that they
 * import statically. What is imported later, and workers, don't count.
 *
 * @param {string} dist the folder that Vite built, with its manifest
 * @returns {{files: string[], gzipBytes: number}}
 */
export function initialJavaScript(dist) {
  const manifest = readManifest(dist);
  const entries = Object.keys(manifest).filter((key) => manifest[key]?.isEntry);
  return scriptsOf(dist, manifest, entries);
}

/**
 * The JavaScript that a browser has loaded when it is in a call, but for the worker.
 *
 * @param {string} dist the folder that Vite built, with its manifest
 * @returns {{files: string[], gzipBytes: number}}
 */
export function callJavaScript(dist) {
  const manifest = readManifest(dist);
  if (!manifest[sdk]) throw new Error("The SDK is not a chunk of its own any more.");
  const entries = Object.keys(manifest).filter((key) => manifest[key]?.isEntry);
  return scriptsOf(dist, manifest, [...entries, sdk]);
}

/**
 * @param {string} dist
 * @returns {Record<string, ManifestChunk>}
 */
function readManifest(dist) {
  return JSON.parse(readFileSync(join(dist, ".vite", "manifest.json"), "utf8"));
}

/**
 * These chunks and all that they import statically.
 *
 * @param {string} dist
 * @param {Record<string, ManifestChunk>} manifest
 * @param {string[]} keys
 */
function scriptsOf(dist, manifest, keys) {
  const files = new Set();
  /** @param {string} key */
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(visit);
  };
  keys.forEach(visit);

  const scripts = [...files].filter((file) => file.endsWith(".js"));
  const sizes = scripts.map((file) => gzipSync(readFileSync(join(dist, file))).length);
  return { files: scripts, gzipBytes: sizes.reduce((sum, size) => sum + size, 0) };
}
