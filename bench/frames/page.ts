import type { FrameFigures } from "./measure.ts";

declare global {
  interface Window {
    measureInWorker(rounds: number): Promise<FrameFigures>;
  }
}

/** Measures in a worker of its own, as frames are sealed in one. */
window.measureInWorker = (rounds) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<FrameFigures>) => {
      resolve(data);
    });
    worker.addEventListener("error", ({ message }) => {
      reject(new Error(message));
    });
    worker.postMessage(rounds, []);
  });
