import type { Scope } from "../../lib/scope.ts";

/** Resolves after the time, or with the end of the scope: nobody waits for what is closed. */
export function pause(scope: Scope, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const release = scope.add(resolve);
    scope.after(delayMs, () => {
      release();
      resolve();
    });
  });
}
