import { spawn } from "node:child_process";

/**
 * `read` comes to an end when the other side of its pipe is gone, however that process ended. That
 * the folder is still there says that nobody has seen coturn end, and so that the id is still its.
 */
const script = `
trap '' HUP INT TERM
while read -r _; do :; done
if [ -d "$2" ]; then
  kill -KILL "$1"
  rm -rf -- "$2"
fi`;

/**
 * Ends coturn and removes its folder when this process dies without having done so, even by SIGKILL:
 * a relay that nobody watches would hold its ports against the next start. The returned function
 * ends the guard; call it before the folder is removed in order.
 */
export function guardCoturn(pid: number, folder: string): () => void {
  const guard = spawn("/bin/sh", ["-c", script, "aparte-coturn-guard", String(pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    env: {},
    // Not among those whom Ctrl-C in a terminal reaches.
    detached: true,
  });
  // Without a shell coturn is watched all the same, as long as we live.
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  return () => {
    guard.kill("SIGKILL");
  };
}
