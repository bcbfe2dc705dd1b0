import { writeFile } from "node:fs/promises";

/** A colour as video carries it (ITU-R BT.601, 8 bit, limited range). */
export interface YuvColour {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** Three colours that stay apart through encoding, scaling and conversion. */
export const COLOURS = {
  red: { y: 81, u: 90, v: 240 },
  green: { y: 145, u: 54, v: 34 },
  blue: { y: 41, u: 240, v: 110 },
} as const satisfies Record<string, YuvColour>;
export type ColourName = keyof typeof COLOURS;

/**
 * A camera for Chromium's `--use-file-for-fake-video-capture`: a plane of one colour, across which
 * a grey bar wanders, so that no two frames are alike. YUV4MPEG2, I420.
 */
export async function writeColourVideo(
  path: string,
  colour: YuvColour,
  size: { width: number; height: number } = { width: 640, height: 360 },
): Promise<void> {
  const { width, height } = size;
  const framesPerSecond = 15;
  const parts = [
    Buffer.from(`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`),
  ];
  for (let frame = 0; frame < framesPerSecond; frame += 1) {
    const luma = Buffer.alloc(width * height, colour.y);
    const barTop = Math.floor((frame / framesPerSecond) * (height / 8));
    luma.fill(128, barTop * width, (barTop + 8) * width);
    const chromaSize = (width / 2) * (height / 2);
    parts.push(
      Buffer.from("FRAME\n"),
      luma,
      Buffer.alloc(chromaSize, colour.u),
      Buffer.alloc(chromaSize, colour.v),
    );
  }
  await writeFile(path, Buffer.concat(parts));
}

/** A microphone for Chromium's `--use-file-for-fake-audio-capture`: a tone. WAV, 48 kHz, mono. */
export async function writeTone(path: string, frequencyHz: number): Promise<void> {
  const sampleRate = 48_000;
  // Whole periods, so that the loop has no seam.
  const samples = sampleRate * 2;
  const data = Buffer.alloc(samples * 2);
  for (let index = 0; index < samples; index += 1) {
    const value = Math.sin((2 * Math.PI * frequencyHz * index) / sampleRate);
    data.writeInt16LE(Math.round(value * 12_000), index * 2);
  }
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  await writeFile(path, Buffer.concat([header, data]));
}
