import type { LevelReader } from "../state/level-meter.ts";

/** 1,024 samples are 21 ms at 48 kHz: enough to hold a period of the lowest voice. */
const SAMPLES = 1024;

/** Listens by Web Audio. Without a click of the person first, some browsers give silence. */
export function listenToTrack(track: MediaStreamTrack): LevelReader {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = SAMPLES;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(SAMPLES);
  return {
    read() {
      if (context.state === "suspended") void context.resume();
      analyser.getFloatTimeDomainData(samples);
      return samples;
    },
    close() {
      void context.close();
    },
  };
}
