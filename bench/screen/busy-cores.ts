import { spawn } from "node:child_process";

/** No benchmark takes longer: a loop that was forgotten ends by itself. */
const AT_MOST_MS = 600_000;

/** So many processes that do nothing but compute, until the returned function is called. */
export function keepBusy(processes: number): () => Promise<void> {
  const loop = `const endsAt = Date.now() + ${AT_MOST_MS}; while (Date.now() < endsAt);`;
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, ["-e", loop], { stdio: "ignore" }),
  );
  const ends = children.map(
    (child) =>
      new Promise<void>((resolve) => {
        child.once("exit", () => {
          resolve();
        });
      }),
  );
  return async () => {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(ends);
  };
}
