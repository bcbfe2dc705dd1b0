import type { Person } from "./call-browser.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

/** How each camera's colour looks once it was encoded, sent and shown. */
export const SHOWN: Readonly<Record<"red" | "green" | "blue", Rgb>> = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
};

/** Resolves when the tile of this name shows this colour, in frames that keep coming. */
export async function seesColour(viewer: Person, name: string, colour: Rgb): Promise<void> {
  await viewer.sees(
    `${name} in ${colour.join(" ")}`,
    (wanted: string, rgb: number[]) => {
      const video = document.querySelector<HTMLVideoElement>(
        `[data-testid="tile"][data-kind="person"][data-name="${wanted}"] video`,
      );
      if (video === null || video.videoWidth === 0) return false;
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [16, 16];
      const context = canvas.getContext("2d");
      if (context === null) return false;
      // The lower half: the wandering bar stays above it.
      const { videoWidth: width, videoHeight: height } = video;
      context.drawImage(video, 0, height / 2, width, height / 2, 0, 0, 16, 16);
      const [red = 0, green = 0, blue = 0] = context.getImageData(8, 8, 1, 1).data;
      return [red, green, blue].every((value, index) => Math.abs(value - (rgb[index] ?? 0)) < 60);
    },
    name,
    [...colour],
  );
}

/** Frames that the tile of this name has decoded so far. */
export function framesShown(viewer: Person, name: string): Promise<number> {
  return viewer.page.evaluate((wanted) => {
    const video = document.querySelector<HTMLVideoElement>(
      `[data-testid="tile"][data-kind="person"][data-name="${wanted}"] video`,
    );
    return video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
  }, name);
}

/** Resolves when the picture of this name goes on moving by `frames` more frames. */
export async function seesMoving(viewer: Person, name: string, frames = 10): Promise<void> {
  const before = await framesShown(viewer, name);
  await viewer.sees(
    `${name} moving`,
    (wanted: string, atLeast: number) => {
      const video = document.querySelector<HTMLVideoElement>(
        `[data-testid="tile"][data-kind="person"][data-name="${wanted}"] video`,
      );
      return (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) >= atLeast;
    },
    name,
    before + frames,
  );
}

/**
 * The loudness of each frequency in what the page plays of everybody else, in decibels below full
 * scale, after listening for a moment. `-Infinity` where there is silence.
 */
export async function hears(listener: Person, frequenciesHz: readonly number[]): Promise<number[]> {
  return listener.page.evaluate(
    async (wanted) => {
      const context = new AudioContext({ sampleRate: 48_000 });
      await context.resume();
      const analyser = context.createAnalyser();
      analyser.fftSize = 16_384;
      analyser.smoothingTimeConstant = 0;
      for (const audio of document.querySelectorAll("audio")) {
        if (audio.srcObject instanceof MediaStream) {
          context.createMediaStreamSource(audio.srcObject).connect(analyser);
        }
      }
      // Longer than the window, so that only what was heard since is in it.
      await new Promise((resolve) => {
        setTimeout(resolve, 700);
      });
      const spectrum = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(spectrum);
      const binHz = context.sampleRate / analyser.fftSize;
      await context.close();
      return wanted.map((frequency) => {
        const bin = Math.round(frequency / binHz);
        return Math.max(...spectrum.slice(bin - 2, bin + 3));
      });
    },
    [...frequenciesHz],
  );
}

/** Resolves when the tile of this name has shown `frames` frames from now on, by any element. */
export async function seesMovingAnew(viewer: Person, name: string, frames = 15): Promise<void> {
  const mark = await viewer.page.evaluate((wanted) => {
    const frameMark = `frame of ${wanted} since ${performance.now()}`;
    const watched = new WeakSet<HTMLVideoElement>();
    const watch = (video: HTMLVideoElement) => {
      video.requestVideoFrameCallback(() => {
        performance.mark(frameMark);
        if (performance.getEntriesByName(frameMark).length < 100) watch(video);
      });
    };
    const timer = setInterval(() => {
      const video = document.querySelector<HTMLVideoElement>(
        `[data-testid="tile"][data-kind="person"][data-name="${wanted}"] video`,
      );
      if (video === null || watched.has(video)) return;
      watched.add(video);
      watch(video);
    }, 50);
    setTimeout(() => {
      clearInterval(timer);
    }, 30_000);
    return frameMark;
  }, name);
  await viewer.sees(
    `${name} moving anew`,
    (wanted: string, atLeast: number) => performance.getEntriesByName(wanted).length >= atLeast,
    mark,
    frames,
  );
}
