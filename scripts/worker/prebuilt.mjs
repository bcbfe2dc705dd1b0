import { writeFileSync } from "node:fs";
import { release } from "node:os";
import { gunzipSync } from "node:zlib";

/** How long the server may take to answer: a closed network must cost little. */
const answerTimeoutMs = 4_000;

/** How long the whole download may take, once it has begun. */
const downloadTimeoutMs = 120_000;

/** More than any worker has: a download that is larger isn't one. */
const maxBytes = 64 * 1024 * 1024;

/**
 * The name that mediasoup's own install script makes for this machine.
 *
 * @param {string} version of mediasoup
 */
function archiveName(version) {
  const kernel = process.platform === "linux" ? `-kernel${release().split(".")[0]}` : "";
  return `mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
}

/**
 * @param {string} version of mediasoup
 * @param {NodeJS.ProcessEnv} [env] `MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL`
 *   names a mirror, as for mediasoup's own script
 */
export function prebuiltUrl(version, env = process.env) {
  const base =
    env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ||
    "https://github.com/versatica/mediasoup/releases/download";
  return `${base}/${version}/${archiveName(version)}`;
}

/**
 * One file out of a tar archive: 512-byte headers, each followed by its file's
 * content padded to 512 bytes (POSIX ustar).
 *
 * @param {Buffer} archive
 * @param {string} name
 * @returns {Buffer | undefined}
 */
export function fileFromTar(archive, name) {
  for (let at = 0; at + 512 <= archive.length;) {
    const header = archive.subarray(at, at + 512);
    const entry = header.toString("utf8", 0, 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(header.toString("latin1", 124, 136), 8);
    if (entry === "" || !Number.isInteger(size) || size < 0) return undefined;
    if (entry.replace(/^\.\//, "") === name) {
      const content = archive.subarray(at + 512, at + 512 + size);
      return content.length === size ? content : undefined;
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return undefined;
}

/**
 * @param {string} url
 * @returns {Promise<Buffer>}
 */
async function download(url) {
  const abort = new AbortController();
  const answer = setTimeout(() => abort.abort(), answerTimeoutMs);
  const whole = setTimeout(() => abort.abort(), downloadTimeoutMs);
  try {
    const response = await fetch(url, { signal: abort.signal });
    clearTimeout(answer);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } finally {
    clearTimeout(answer);
    clearTimeout(whole);
  }
}

/**
 * Fetches mediasoup's official worker for this platform.
 *
 * @param {string} version of mediasoup
 * @param {string} file where to write it
 * @returns {Promise<string | undefined>} why there is none, or undefined if
 *   the file is written
 */
export async function fetchPrebuilt(version, file) {
  try {
    const archive = gunzipSync(await download(prebuiltUrl(version)), { maxOutputLength: maxBytes });
    const binary = fileFromTar(archive, "mediasoup-worker");
    if (!binary) return "the archive holds no mediasoup-worker";
    writeFileSync(file, binary, { mode: 0o755 });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === "AbortError") return "no answer in time";
    // fetch says only "fetch failed" and puts the reason beneath.
    return error.cause instanceof Error ? error.cause.message : error.message;
  }
}
