import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../setup/run-command.mjs";
import { optimization } from "./build-tools.mjs";

/**
 * SHA-256 of the sources that Debian's package of each version is made from (its signed index names
 * the same). Debian patches nothing of it but the library's own tests.
 *
 * @type {Readonly<Record<string, string>>}
 */
const sources = {
  "2.5.0": "8a43ef8e9ae2b665292591af62aa1a4ae41e468b6d98d8258f91478735da4e09",
};

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
 * Compiles libsrtp on OpenSSL, from Debian's source of the version that is installed. Debian's own
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
    const version = (await run("pkg-config", ["--modversion", "libsrtp2"])).trim();
    const hash = sources[version];
    if (hash === undefined) return { reason: `the source of libsrtp ${version} isn't known` };
    await fetchSource(work, version, hash, run);
    const folder = join(work, `libsrtp-${version}`);
    await run("sh", ["./configure", "--enable-openssl"], { cwd: folder });
    const flags = [
      ...optimization,
      "-fPIC",
      "-DHAVE_CONFIG_H",
      "-I.",
      "-Iinclude",
      "-Icrypto/include",
    ];
    await run("gcc", [...flags, "-c", ...units], { cwd: folder });
    const archive = join(work, "libsrtp2-openssl.a");
    const objects = units.map((unit) => unit.replace(/^.*\/(.*)\.c$/, "$1.o"));
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
 * @param {string} version
 * @param {string} hash
 * @param {(command: string, args: readonly string[], options?: object) => Promise<string>} run
 */
async function fetchSource(work, version, hash, run) {
  if (!existsSync(aptHelper)) throw new Error("there is no apt to fetch it with");
  const printed = await run("apt-get", ["download", "--print-uris", "libsrtp2-dev"]);
  const pool = poolOf(printed);
  const archive = `libsrtp2_${version}.orig.tar.gz`;
  const file = join(work, archive);
  const args = ["download-file", `${pool}${archive}`, file, `SHA256:${hash}`];
  await run(aptHelper, args, { timeoutMs: downloadTimeoutMs });
  await run("tar", ["xzf", file, "-C", work]);
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
