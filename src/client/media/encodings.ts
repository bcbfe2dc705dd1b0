import type { types } from "mediasoup-client";
import type { MediaSource } from "../../protocol/index.ts";

/** Lines of the picture in each simulcast layer of a 720-line camera, lowest layer first. */
const CAMERA_LAYER_LINES = [180, 360, 720] as const;

const CAMERA_ENCODINGS: types.RtpEncodingParameters[] = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: "L1T3" },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: "L1T3" },
  { scaleResolutionDownBy: 1, maxBitrate: 1_700_000, scalabilityMode: "L1T3" },
];

/** Text must stay readable, so a screen has one layer of full size. */
const SCREEN_ENCODINGS: types.RtpEncodingParameters[] = [
  { maxBitrate: 2_500_000, scalabilityMode: "L1T3" },
];

type SendOptions = Pick<types.ProducerOptions, "encodings" | "codecOptions">;

/** How each source is encoded. Opus carries in-band FEC and never falls silent (no DTX). */
export function sendOptionsOf(source: MediaSource): SendOptions {
  switch (source) {
    case "microphone":
      return {
        codecOptions: {
          opusFec: true,
          opusDtx: false,
          opusStereo: false,
          opusMaxAverageBitrate: 40_000,
        },
      };
    case "screen-audio":
      return {
        codecOptions: {
          opusFec: true,
          opusDtx: false,
          opusStereo: true,
          opusMaxAverageBitrate: 96_000,
        },
      };
    case "camera":
      return {
        encodings: CAMERA_ENCODINGS.map((encoding) => ({ ...encoding })),
        codecOptions: { videoGoogleStartBitrate: 1_000 },
      };
    case "screen":
      return { encodings: SCREEN_ENCODINGS.map((encoding) => ({ ...encoding })) };
  }
}

/** The lowest layer that still looks sharp at this height, in device pixels. */
export function spatialLayerFor(heightPixels: number): number {
  const layer = CAMERA_LAYER_LINES.findIndex((lines) => heightPixels <= lines * 1.25);
  return layer === -1 ? CAMERA_LAYER_LINES.length - 1 : layer;
}

/** All temporal layers: frames are dropped by the SFU only when bandwidth is short. */
export const TOP_TEMPORAL_LAYER = 2;
