import type { types } from "mediasoup";
import type { MediaKind, RtpParameters } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";

type Codec = RtpParameters["codecs"][number];
type Encoding = RtpParameters["encodings"][number];

interface MediaCodec {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly clockRate: number;
  readonly channels?: number;
  /** What receivers are told of the codec. */
  parametersOf(given: Codec): Record<string, number | string>;
  /** The layers that one encoding may have, as the W3C's "Scalable Video Coding for WebRTC" names them. */
  readonly scalabilityModes: RegExp;
}

/** Parameters of Opus that receivers are told (RFC 7587 section 6.1), each a small number. */
const OPUS_PARAMETERS = [
  "maxaveragebitrate",
  "maxplaybackrate",
  "minptime",
  "sprop-stereo",
  "stereo",
  "useinbandfec",
];

/** Constrained baseline of any level, RFC 6184 section 8.1. */
const H264_PROFILE = /^42e0[0-9a-f]{2}$/;
const TEMPORAL_LAYERS_ONLY = /^L1T[1-3]$/;
const SCALABLE = /^L(1T[1-3]|[23]T[1-3](_KEY)?)$/;

const video = { kind: "video", clockRate: 90_000 } as const;
const MEDIA_CODECS: readonly MediaCodec[] = [
  {
    kind: "audio",
    mimeType: "audio/opus",
    clockRate: 48_000,
    channels: 2,
    parametersOf: opusParameters,
    scalabilityModes: /^L1T1$/,
  },
  {
    ...video,
    mimeType: "video/VP8",
    parametersOf: () => ({}),
    scalabilityModes: TEMPORAL_LAYERS_ONLY,
  },
  {
    ...video,
    mimeType: "video/VP9",
    parametersOf: () => ({ "profile-id": 0 }),
    scalabilityModes: SCALABLE,
  },
  {
    ...video,
    mimeType: "video/H264",
    parametersOf: h264Parameters,
    scalabilityModes: TEMPORAL_LAYERS_ONLY,
  },
  { ...video, mimeType: "video/AV1", parametersOf: () => ({}), scalabilityModes: SCALABLE },
];

const RTCP_FEEDBACK = new Set(["nack ", "nack pli", "ccm fir", "goog-remb ", "transport-cc "]);

/** A mid or a rid (RFC 8843, RFC 8852): they end up in the SDP and the packets of receivers. */
const TOKEN = /^[A-Za-z0-9_-]{1,16}$/;
/**
 * What a client says that it sends, written anew from the few things that we support. The media
 * worker is a C++ process that a wrong value may bring down, and what a sender says about its
 * codec is told to every receiver, who writes it into an SDP: so nothing passes unread.
 *
 * One codec of those that routers speak, and its RTX (RFC 4588); no RED, no ULPFEC. One encoding
 * for audio, up to `maxEncodings` for video; spatial layers within one encoding, or by several. The client's cname and msid are left out: mediasoup makes
 * one cname for each transport, which keeps a participant's streams together.
 *
 * Throws `ProtocolError` `unsupported-media` with the place of what is wrong.
 */
export function producerParameters(
  kind: MediaKind,
  given: RtpParameters,
  maxEncodings: number,
): types.RtpParameters {
  const [media, ...others] = given.codecs;
  if (media === undefined) throw unsupported("codecs");
  const codec = mediaCodecOf(kind, media);
  const codecs = [describe(codec, media), ...rtxCodecs(media, others)];
  const encodings = encodingsOf(codec, given, maxEncodings, codecs.length > 1);
  return {
    ...(given.mid === undefined ? {} : { mid: token("mid", given.mid) }),
    codecs,
    headerExtensions: headerExtensionsOf(given),
    encodings,
    rtcp: { reducedSize: true },
  };
}

function mediaCodecOf(kind: MediaKind, given: Codec): MediaCodec {
  const name = given.mimeType.toLowerCase();
  const codec = MEDIA_CODECS.find(({ mimeType }) => mimeType.toLowerCase() === name);
  if (codec?.kind !== kind) throw unsupported("codecs.mimeType");
  if (given.clockRate !== codec.clockRate) throw unsupported("codecs.clockRate");
  if (given.channels !== codec.channels) throw unsupported("codecs.channels");
  return codec;
}

function describe(codec: MediaCodec, given: Codec): types.RtpCodecParameters {
  const { mimeType, clockRate, channels } = codec;
  return {
    mimeType,
    payloadType: payloadType(given),
    clockRate,
    ...(channels === undefined ? {} : { channels }),
    parameters: codec.parametersOf(given),
    rtcpFeedback: (given.rtcpFeedback ?? []).filter(({ type, parameter }) =>
      RTCP_FEEDBACK.has(`${type} ${parameter ?? ""}`),
    ),
  };
}

function rtxCodecs(media: Codec, others: readonly Codec[]): types.RtpCodecParameters[] {
  const [rtx, ...more] = others;
  if (rtx === undefined) return [];
  const expected = media.mimeType.toLowerCase().replace(/\/.*/, "/rtx");
  if (more.length > 0 || rtx.mimeType.toLowerCase() !== expected) throw unsupported("codecs");
  if (rtx.clockRate !== media.clockRate) throw unsupported("codecs.clockRate");
  if (rtx.payloadType === media.payloadType) throw unsupported("codecs.payloadType");
  if (rtx.parameters?.["apt"] !== media.payloadType) throw unsupported("codecs.parameters.apt");
  return [
    {
      mimeType: expected,
      payloadType: payloadType(rtx),
      clockRate: rtx.clockRate,
      parameters: { apt: media.payloadType },
      rtcpFeedback: [],
    },
  ];
}

/** With RTP and RTCP on one port, 64 to 95 would be taken for RTCP (RFC 5761 section 4). */
function payloadType({ payloadType: type }: Codec): number {
  if (type >= 64 && type <= 95) throw unsupported("codecs.payloadType");
  return type;
}

function opusParameters({ parameters = {} }: Codec): Record<string, number> {
  const result: Record<string, number> = { usedtx: 0 };
  for (const name of OPUS_PARAMETERS) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 510_000) {
      throw unsupported(`codecs.parameters.${name}`);
    }
    result[name] = value;
  }
  return result;
}

function h264Parameters({ parameters = {} }: Codec): Record<string, number | string> {
  if (parameters["packetization-mode"] !== 1) {
    throw unsupported("codecs.parameters.packetization-mode");
  }
  const profile = parameters["profile-level-id"];
  if (typeof profile !== "string" || !H264_PROFILE.test(profile)) {
    throw unsupported("codecs.parameters.profile-level-id");
  }
  return {
    "packetization-mode": 1,
    "profile-level-id": profile,
    "level-asymmetry-allowed": 1,
  };
}

function headerExtensionsOf(given: RtpParameters): types.RtpHeaderExtensionParameters[] {
  const extensions = given.headerExtensions ?? [];
  requireDistinct(
    "headerExtensions.id",
    extensions.map(({ id }) => id),
  );
  requireDistinct(
    "headerExtensions.uri",
    extensions.map(({ uri }) => uri),
  );
  return extensions.map(({ uri, id, encrypt }) => {
    if (encrypt === true) throw unsupported("headerExtensions.encrypt");
    return { uri, id, encrypt: false, parameters: {} };
  });
}

function encodingsOf(
  codec: MediaCodec,
  given: RtpParameters,
  maxEncodings: number,
  hasRtx: boolean,
): types.RtpEncodingParameters[] {
  const { encodings } = given;
  if (encodings.length > (codec.kind === "audio" ? 1 : maxEncodings))
    throw unsupported("encodings");
  const isNamed = encodings.every(({ rid }) => rid !== undefined);
  const isNumbered = encodings.every(({ ssrc }) => ssrc !== undefined);
  // A single stream may be found by its mid alone.
  if (!isNamed && !isNumbered && (encodings.length > 1 || given.mid === undefined)) {
    throw unsupported("encodings");
  }
  requireDistinct(
    "encodings.rid",
    encodings.flatMap(({ rid }) => rid ?? []),
  );
  requireDistinct(
    "encodings.ssrc",
    encodings.flatMap(({ ssrc, rtx }) => [ssrc ?? [], rtx?.ssrc ?? []].flat()),
  );
  return encodings.map((encoding) => encodingOf(codec, encoding, given, hasRtx));
}

function encodingOf(
  { kind, scalabilityModes }: MediaCodec,
  { ssrc, rid, rtx, codecPayloadType, scalabilityMode, maxBitrate, dtx }: Encoding,
  given: RtpParameters,
  hasRtx: boolean,
): types.RtpEncodingParameters {
  if (ssrc === 0 || rtx?.ssrc === 0) throw unsupported("encodings.ssrc");
  if (rtx !== undefined && !hasRtx) throw unsupported("encodings.rtx");
  if (dtx === true) throw unsupported("encodings.dtx");
  if (codecPayloadType !== undefined && codecPayloadType !== given.codecs[0]?.payloadType) {
    throw unsupported("encodings.codecPayloadType");
  }
  if (scalabilityMode !== undefined) {
    // The worker takes simulcast's encodings, or one with spatial layers, and not both at once.
    const modes = given.encodings.length > 1 ? TEMPORAL_LAYERS_ONLY : scalabilityModes;
    if (!modes.test(scalabilityMode)) throw unsupported("encodings.scalabilityMode");
  }
  return {
    ...(ssrc === undefined ? {} : { ssrc }),
    ...(rid === undefined ? {} : { rid: token("encodings.rid", rid) }),
    ...(rtx === undefined ? {} : { rtx: { ssrc: rtx.ssrc } }),
    ...(scalabilityMode === undefined || kind === "audio" ? {} : { scalabilityMode }),
    ...(maxBitrate === undefined ? {} : { maxBitrate }),
  };
}

function token(place: string, value: string): string {
  if (!TOKEN.test(value)) throw unsupported(place);
  return value;
}

function requireDistinct(place: string, values: readonly (string | number)[]): void {
  if (new Set(values).size !== values.length) throw unsupported(place);
}

function unsupported(place: string): ProtocolError {
  return new ProtocolError("unsupported-media", place);
}
