import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** An absolute path; `~/` is the user's home folder, other relative ones start in `folder`. */
export function expandPath(path: string, folder: string): string {
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  return resolve(folder, path);
}
