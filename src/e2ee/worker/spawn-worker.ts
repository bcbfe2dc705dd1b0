/**
 * Starts the transform worker. Bundlers that know this form (Vite, webpack, Rollup's plugins) make
 * a file of its own of the entry; others need a `createWorker` of the application.
 */
export function spawnTransformWorker(): Worker {
  return new Worker(new URL("./main.ts", import.meta.url), { type: "module" });
}
