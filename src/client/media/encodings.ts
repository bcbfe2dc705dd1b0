import type { types } from "mediasoup-client";
import type { MediaSource } from "../../protocol/index.ts";
import type { VideoCodec } from "./video-codec.ts";
import { DEFAULT_CODEC } from "./video-codec.ts";

/** Lines of the picture in each layer of a 720-line camera, lowest layer first. */
const CAMERA_LAYER_LINES = [180, 360, 720] as const;

/** Three streams of their own, for codecs without spatial layers. */
const CAMERA_SIMULCAST: types.RtpEncodingParameters[] = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: "L1T3" },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: "L1T3" },
  { scaleResolutionDownBy: 1, maxBitrate: 1_700_000, scalabilityMode: "L1T3" },
];

const CAMERA_ENCODINGS: Readonly<Record<VideoCodec, types.RtpEncodingParameters[]>> = {
  vp8: CAMERA_SIMULCAST,
  h264: CAMERA_SIMULCAST,
  /** All sizes in one stream; key frames alone lean on the size below. */
  vp9: [{ maxBitrate: 1_700_000, scalabilityMode: "L3T3_KEY" }],
  /** One size in three rates: the SFU reads them from the dependency descriptor. */
  av1: [{ maxBitrate: 1_200_000, scalabilityMode: "L1T3" }],
};

/**
 * What is shared is what everybody looks at. It stands in the first encoding for all of the sender;
 * Chromium refuses it in others.
 */
const FIRST_SERVED = { priority: "high" } as const;

/** All sizes in one stream, since the SFU can't switch between several of these codecs. */
const SCREEN_IN_ONE: types.RtpEncodingParameters[] = [
  { maxBitrate: 2_500_000, scalabilityMode: "L1T3", ...FIRST_SERVED },
];

/**
 * Text must stay readable, so a screen is sent in full size. Half of it goes before: its first
 * picture is there much sooner, and it is what remains where the full size does not fit.
 */
const SCREEN_SIMULCAST: types.RtpEncodingParameters[] = [
  { scaleResolutionDownBy: 2, maxBitrate: 300_000, scalabilityMode: "L1T3", ...FIRST_SERVED },
  { scaleResolutionDownBy: 1, maxBitrate: 2_500_000, scalabilityMode: "L1T3" },
];

const SCREEN_ENCODINGS: Readonly<Record<VideoCodec, types.RtpEncodingParameters[]>> = {
  vp8: SCREEN_SIMULCAST,
  h264: SCREEN_SIMULCAST,
  vp9: SCREEN_IN_ONE,
  av1: SCREEN_IN_ONE,
};

/**
 * Where the estimate of the bandwidth begins, in kbit/s. It begins anew when a screen is shared:
 * by then it may have shrunk to the little that was sent, and the first picture is large.
 */
const START_KBPS = { camera: 1_000, screen: 1_500 } as const;

type SendOptions = Pick<types.ProducerOptions, "codec" | "encodings" | "codecOptions">;

/**
 * How each source is encoded. Opus carries in-band FEC and never falls silent (no DTX); its
 * constant bit rate is negotiated by `sealableCapabilities`.
 */
export function sendOptionsOf(source: MediaSource, video: SendCodec | undefined): SendOptions {
  switch (source) {
    case "microphone":
      return {
        codecOptions: {
          opusFec: true,
          opusDtx: false,
          opusStereo: false,
          // 80 bytes each 20 ms, of which a sealed frame holds two.
          opusMaxAverageBitrate: 32_000,
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
        ...codecOptionOf(video),
        encodings: CAMERA_ENCODINGS[video?.name ?? DEFAULT_CODEC].map((encoding) => ({
          ...encoding,
        })),
        codecOptions: { videoGoogleStartBitrate: START_KBPS.camera },
      };
    case "screen":
      return {
        ...codecOptionOf(video),
        encodings: SCREEN_ENCODINGS[video?.name ?? DEFAULT_CODEC].map((encoding) => ({
          ...encoding,
        })),
        codecOptions: { videoGoogleStartBitrate: START_KBPS.screen },
      };
  }
}

function codecOptionOf(video: SendCodec | undefined): Pick<SendOptions, "codec"> {
  return video === undefined ? {} : { codec: video.capability };
}

/** A codec to send with, as this browser and the server have agreed on it. */
export interface SendCodec {
  readonly name: VideoCodec;
  readonly capability: types.RtpCodecCapability;
}

/**
 * The preferred codec if this browser can send it sealed, with layers that the SFU can tell apart;
 * else VP8. Others than Chromium send no dependency descriptor, without which AV1's key frames
 * can't be seen, and not every one knows VP9's layers. Undefined where there is no VP8 either.
 */
export function sendCodecOf(
  { handlerName, sendRtpCapabilities }: Pick<types.Device, "handlerName" | "sendRtpCapabilities">,
  preferred: VideoCodec = DEFAULT_CODEC,
): SendCodec | undefined {
  const names = handlerName.startsWith("Chrome") ? [preferred, DEFAULT_CODEC] : [DEFAULT_CODEC];
  for (const name of names) {
    const capability = sendRtpCapabilities.codecs?.find(
      ({ mimeType }) => mimeType.toLowerCase() === `video/${name}`,
    );
    if (capability !== undefined) return { name, capability };
  }
  return undefined;
}

/** The lowest layer that still looks sharp at this height, in device pixels. */
export function spatialLayerFor(heightPixels: number): number {
  const layer = CAMERA_LAYER_LINES.findIndex((lines) => heightPixels <= lines * 1.25);
  return layer === -1 ? CAMERA_LAYER_LINES.length - 1 : layer;
}

/** All temporal layers: frames are dropped by the SFU only when bandwidth is short. */
export const TOP_TEMPORAL_LAYER = 2;
