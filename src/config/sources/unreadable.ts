/** Why a file could not be read, in words, without what the system says beside. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is none";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "it is a folder";
  return "it could not be opened";
}
