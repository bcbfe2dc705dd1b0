import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "../setup/run-command.mjs";
import { optimization } from "./build-tools.mjs";

/**
 * SHA-256 of the sources that Debian's packages are made from (its signed index names the same), the
 * preferred first: that of Debian 13, which sets less anew for each packet, then that of Debian 12, for
 * mirrors that have nothing else. Debian patches nothing of them but the library's own tests. Programs
 * made for one work with the other.
 *
 * @type {ReadonlyArray<readonly [version: string, hash: string]>}
 */
const sources = [
  ["2.7.0", "54facb1727a557c2a76b91194dcb2d0a453aaf8e2d0cbbf1e3c2848c323e28ad"],
  ["2.5.0", "8a43ef8e9ae2b665292591af62aa1a4ae41e468b6d98d8258f91478735da4e09"],
];

/** In place of the library's own, see there. */
const streamList = fileURLToPath(new URL("network/srtp-stream-list.c", import.meta.url));

/** What `make libsrtp2.a` compiles of them with OpenSSL. */
const units = [
  "srtp/srtp.c",
  ...["cipher", "null_cipher", "cipher_test_cases", "aes_icm_ossl", "aes_gcm_ossl"].map(
    (name) => `crypto/cipher/${name}.c`,
  ),
  ...["null_auth", "auth", "auth_test_cases", "hmac_ossl"].map((name) => `crypto/hash/${name}.c`),
  "crypto/math/datatypes.c",
  ...["crypto_kernel", "alloc", "key", "err"].map((name) => `crypto/kernel/${name}.c`),
  ...["rdb", "rdbx"].map((name) => `crypto/replay/${name}.c`),
];

/** apt's own downloader: it knows the mirrors and proxies of this machine, and checks the hash. */
const aptHelper = "/usr/lib/apt/apt-helper";

/** A mirror that doesn't answer costs the faster library, not the build. */
const downloadTimeoutMs = 60_000;

/**
 * The static library, or why there is none.
 *
 * @typedef {{archive: string} | {reason: string}} CompiledLibsrtp
 */

/**
 * Compiles libsrtp on OpenSSL, from Debian's source. Debian's own
 * binary is made with NSS, which takes a multiple of the time where there are many sessions
 * (docs/adr/0022). Never rejects.
 *
 * @param {string} work an empty folder that stays until the worker is linked
 * @param {string} logFile gets every command's output
 * @returns {Promise<CompiledLibsrtp>}
 */
export async function compileLibsrtp(work, logFile) {
  /** @type {(command: string, args: readonly string[], options?: object) => Promise<string>} */
  const run = async (command, args, options) => {
    const { code, tail } = await runCommand(command, args, { ...options, logFile });
    if (code !== 0) throw new Error(`${command}: ${tail.split("\n").at(-1)}`);
    return tail;
  };
  try {
    const folder = await fetchSource(work, run);
    await run("sh", ["./configure", "--enable-openssl"], { cwd: folder });
    const flags = [
      ...optimization,
      "-fPIC",
      "-DHAVE_CONFIG_H",
      "-I.",
      "-Iinclude",
      "-Icrypto/include",
      "-DSRTP_NO_STREAM_LIST",
    ];
    const all = [...units, streamList];
    await run("gcc", [...flags, "-c", ...all], { cwd: folder });
    const archive = join(work, "libsrtp2-openssl.a");
    const objects = all.map((unit) => unit.replace(/^.*\/(.*)\.c$/, "$1.o"));
    await run("gcc-ar", ["rcs", archive, ...objects], { cwd: folder });
    return { archive };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * The source lies beside the package in Debian's pool, so that no list of sources is needed.
 *
 * @param {string} work
 * @param {(command: string, args: readonly string[], options?: object) => Promise<string>} run
 * @returns {Promise<string>} the folder that it is unpacked in
 * @throws {Error} why none can be had
 */
async function fetchSource(work, run) {
  if (!existsSync(aptHelper)) throw new Error("there is no apt to fetch it with");
  const pool = poolOf(await run("apt-get", ["download", "--print-uris", "libsrtp2-dev"]));
  /** @type {unknown} */
  let failure;
  for (const [version, hash] of sources) {
    const name = `libsrtp2_${version}.orig.tar.gz`;
    const archive = join(work, name);
    const args = ["download-file", `${pool}${name}`, archive, `SHA256:${hash}`];
    try {
      await run(aptHelper, args, { timeoutMs: downloadTimeoutMs });
      await run("tar", ["xzf", archive, "-C", work]);
      return join(work, `libsrtp-${version}`);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * The folder that a package is downloaded from.
 *
 * @param {string} printed by `apt-get download --print-uris`: `'URL' file size hash`
 */
export function poolOf(printed) {
  const pool = /^'([^']+\/)[^'/]+\.deb' /m.exec(printed)?.[1];
  if (pool === undefined) throw new Error("apt doesn't say where libsrtp2-dev comes from");
  return pool;
}
