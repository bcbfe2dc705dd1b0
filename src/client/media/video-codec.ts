import type { types } from "mediasoup-client";

/** The codecs that a camera or a screen may be sent with. */
export type VideoCodec = "vp8" | "vp9" | "h264" | "av1";

export const VIDEO_CODECS = ["vp8", "vp9", "h264", "av1"] as const satisfies readonly VideoCodec[];

/** What every browser can send and receive. */
export const DEFAULT_CODEC: VideoCodec = "vp8";

/** What of it a browser and the server have in common. */
export function videoCodecsOf({ codecs = [] }: types.RtpCapabilities): VideoCodec[] {
  const names = new Set(codecs.map(({ mimeType }) => mimeType.toLowerCase()));
  return VIDEO_CODECS.filter((codec) => names.has(`video/${codec}`));
}
