import { fromBase64Url } from "../../../src/lib/base64url.ts";
import type { Rgb } from "./drawn-media.ts";

/** One encoded frame, in base64url, as tests hand it to the page. */
export interface EncodedInput {
  readonly isKey: boolean;
  readonly timestampUs: number;
  readonly base64Url: string;
}

export interface DecodedVideo {
  readonly frames: number;
  readonly failed: boolean;
  /** The part of the last picture that has the asked colour, 0 to 1; 0 without a picture. */
  readonly colourShare: number;
}

export interface DecodedAudio {
  readonly packets: number;
  readonly failed: boolean;
  /** The part of the sound's power that lies at the asked frequency, 0 to 1; 0 without sound. */
  readonly toneShare: number;
}

/** Whether a decoder makes a picture of these frames, and how much of it has this colour. */
export async function decodeVp8(
  inputs: readonly EncodedInput[],
  colour: Rgb,
): Promise<DecodedVideo> {
  let frames = 0;
  let failed = false;
  let last: VideoFrame | undefined;
  const decoder = new VideoDecoder({
    output(frame) {
      frames += 1;
      last?.close();
      last = frame;
    },
    error() {
      failed = true;
    },
  });
  try {
    decoder.configure({ codec: "vp8" });
    for (const { isKey, timestampUs, base64Url } of inputs) {
      const data = bytesOf(base64Url);
      const type = isKey ? "key" : "delta";
      decoder.decode(new EncodedVideoChunk({ type, timestamp: timestampUs, data }));
    }
    await decoder.flush();
  } catch {
    failed = true;
  }
  const colourShare = last === undefined ? 0 : shareOfColour(last, colour);
  last?.close();
  return { frames, failed, colourShare };
}

/** Whether a decoder makes sound of these packets, and how much of it is this tone. */
export async function decodeOpus(
  inputs: readonly EncodedInput[],
  frequencyHz: number,
): Promise<DecodedAudio> {
  const samples: number[] = [];
  let packets = 0;
  let failed = false;
  const decoder = new AudioDecoder({
    output(data) {
      packets += 1;
      const plane = new Float32Array(data.numberOfFrames);
      data.copyTo(plane, { planeIndex: 0, format: "f32-planar" });
      samples.push(...plane);
      data.close();
    },
    error() {
      failed = true;
    },
  });
  try {
    decoder.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1 });
    for (const { timestampUs, base64Url } of inputs) {
      const data = bytesOf(base64Url);
      decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: timestampUs, data }));
    }
    await decoder.flush();
  } catch {
    failed = true;
  }
  return { packets, failed, toneShare: shareOfTone(samples, frequencyHz) };
}

function bytesOf(base64Url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fromBase64Url(base64Url) ?? []);
}

function shareOfColour(frame: VideoFrame, colour: Rgb): number {
  const { displayWidth: width, displayHeight: height } = frame;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (context === null) return 0;
  context.drawImage(frame, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  let alike = 0;
  for (let offset = 0; offset < data.length; offset += 4) {
    const isAlike = colour.every(
      (value, channel) => Math.abs((data[offset + channel] ?? 0) - value) < 60,
    );
    if (isAlike) alike += 1;
  }
  return alike / (width * height);
}

/** By correlation with a sine and a cosine, which is a Fourier transform at one frequency. */
function shareOfTone(samples: readonly number[], frequencyHz: number): number {
  // The decoder begins with a ramp.
  const heard = samples.slice(4_800);
  let [power, sine, cosine] = [0, 0, 0];
  for (const [index, sample] of heard.entries()) {
    const angle = (2 * Math.PI * frequencyHz * index) / 48_000;
    power += sample * sample;
    sine += sample * Math.sin(angle);
    cosine += sample * Math.cos(angle);
  }
  if (power === 0) return 0;
  return (2 * (sine * sine + cosine * cosine)) / (heard.length * power);
}
