import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds package.json. */
export const projectRoot = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** What setup remembers about this clone: stamps and locks. Safe to delete. */
export const projectCache = join(projectRoot, ".cache");

/**
 * Where things live that are dear to make and the same for every clone, so
 * outside the work tree: `APARTE_CACHE_DIR`, else the platform's cache folder.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 */
export function sharedCacheDirectory(env = process.env, platform = process.platform) {
  if (env.APARTE_CACHE_DIR) return resolve(env.APARTE_CACHE_DIR);
  if (env.XDG_CACHE_HOME) return join(resolve(env.XDG_CACHE_HOME), "aparte");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "aparte");
  return join(homedir(), ".cache", "aparte");
}
