import { measureFrames } from "./measure.ts";

addEventListener("message", ({ data }: MessageEvent<number>) => {
  measureFrames(data).then(
    (figures) => {
      postMessage(figures);
    },
    // Thrown outside of the promise, it reaches the page as the worker's error.
    (error: unknown) => {
      setTimeout(() => {
        throw error;
      });
    },
  );
});
