import { z } from "zod";
import { LIMITS } from "./limits.ts";

/** What a stream shows or tells. The number of each is its SFrame context (see src/e2ee). */
export const mediaSource = z.enum(["microphone", "camera", "screen", "screen-audio"]);
export type MediaSource = z.infer<typeof mediaSource>;

export const mediaKind = z.enum(["audio", "video"]);
export type MediaKind = z.infer<typeof mediaKind>;

/** The one kind that each source may have. */
export const KIND_OF_SOURCE = {
  microphone: "audio",
  camera: "video",
  screen: "video",
  "screen-audio": "audio",
} as const satisfies Record<MediaSource, MediaKind>;

/** Printable ASCII: a line break could smuggle lines into the other side's session description. */
const text = z
  .string()
  .max(LIMITS.textCharacters)
  .regex(/^[\x20-\x7e]*$/, "expected printable ASCII");
const uint32 = z.int().min(0).max(0xffff_ffff);
const payloadType = z.int().min(0).max(127);
const clockRate = z.int().min(1).max(1_000_000);
const channels = z.int().min(1).max(8);

const codecParameters = z
  .record(text, z.union([text, z.number(), z.boolean(), z.null()]))
  .refine((record) => Object.keys(record).length <= LIMITS.codecParameters, {
    message: `expected at most ${LIMITS.codecParameters} codec parameters`,
  });

const rtcpFeedback = z.strictObject({ type: text, parameter: text.exactOptional() });

/**
 * The RTP header extensions that may be negotiated (RFC 8285). Others are refused: what is not
 * listed could carry data past the encryption.
 */
export const headerExtensionUri = z.enum([
  "urn:ietf:params:rtp-hdrext:sdes:mid",
  "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
  "urn:3gpp:video-orientation",
  "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
  "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
]);

const codecCapability = z.strictObject({
  kind: mediaKind,
  mimeType: text,
  preferredPayloadType: payloadType,
  clockRate,
  channels: channels.exactOptional(),
  parameters: codecParameters.exactOptional(),
  rtcpFeedback: z.array(rtcpFeedback).max(LIMITS.rtcpFeedbacks).exactOptional(),
});

const headerExtensionCapability = z.strictObject({
  kind: mediaKind,
  uri: headerExtensionUri,
  preferredId: z.int().min(1).max(255),
  preferredEncrypt: z.boolean().exactOptional(),
  direction: z.enum(["sendrecv", "sendonly", "recvonly", "inactive"]).exactOptional(),
});

/** What an endpoint can receive, as mediasoup describes it (after ORTC's RTCRtpCapabilities). */
export const rtpCapabilities = z.strictObject({
  codecs: z.array(codecCapability).max(LIMITS.codecs),
  headerExtensions: z.array(headerExtensionCapability).max(LIMITS.headerExtensions),
});
export type RtpCapabilities = z.infer<typeof rtpCapabilities>;

const priority = z.enum(["very-low", "low", "medium", "high"]);

const encoding = z.strictObject({
  active: z.boolean().exactOptional(),
  ssrc: uint32.exactOptional(),
  rid: text.exactOptional(),
  codecPayloadType: payloadType.exactOptional(),
  rtx: z.strictObject({ ssrc: uint32 }).exactOptional(),
  dtx: z.boolean().exactOptional(),
  scalabilityMode: text.exactOptional(),
  scaleResolutionDownBy: z.number().min(1).max(64).exactOptional(),
  maxBitrate: uint32.exactOptional(),
  maxFramerate: z.number().min(0).max(1000).exactOptional(),
  adaptivePtime: z.boolean().exactOptional(),
  priority: priority.exactOptional(),
  networkPriority: priority.exactOptional(),
});

/** One stream on the wire, as mediasoup describes it (after ORTC's RTCRtpParameters). */
export const rtpParameters = z.strictObject({
  mid: text.exactOptional(),
  msid: text.exactOptional(),
  codecs: z
    .array(
      z.strictObject({
        mimeType: text,
        payloadType,
        clockRate,
        channels: channels.exactOptional(),
        parameters: codecParameters.exactOptional(),
        rtcpFeedback: z.array(rtcpFeedback).max(LIMITS.rtcpFeedbacks).exactOptional(),
      }),
    )
    .min(1)
    .max(LIMITS.codecs),
  headerExtensions: z
    .array(
      z.strictObject({
        uri: headerExtensionUri,
        id: z.int().min(1).max(255),
        encrypt: z.boolean().exactOptional(),
        parameters: codecParameters.exactOptional(),
      }),
    )
    .max(LIMITS.headerExtensions)
    .exactOptional(),
  encodings: z.array(encoding).min(1).max(LIMITS.encodings),
  rtcp: z
    .strictObject({
      cname: text.exactOptional(),
      reducedSize: z.boolean().exactOptional(),
      mux: z.boolean().exactOptional(),
    })
    .exactOptional(),
});
export type RtpParameters = z.infer<typeof rtpParameters>;
