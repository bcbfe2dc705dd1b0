import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** What the page may load before it is usable, in bytes of gzipped JavaScript. */
export const initialJavaScriptLimit = 250_000;

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
  /** @type {Record<string, ManifestChunk>} */
  const manifest = JSON.parse(readFileSync(join(dist, ".vite", "manifest.json"), "utf8"));
  const files = new Set();
  /** @param {string} key */
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(visit);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);

  const scripts = [...files].filter((file) => file.endsWith(".js"));
  const sizes = scripts.map((file) => gzipSync(readFileSync(join(dist, file))).length);
  return { files: scripts, gzipBytes: sizes.reduce((sum, size) => sum + size, 0) };
}
