import { contextOf } from "../../src/e2ee/frame/media-source.ts";
import type { MediaKind, MediaSource, RtpCapabilities } from "../../src/protocol/index.ts";
import { KIND_OF_SOURCE } from "../../src/protocol/index.ts";
import type { RtpParameters } from "../../src/protocol/index.ts";
import type {
  HeaderExtensionIds,
  MediaName,
  ReceivedStream,
  SentEncoding,
  SentStream,
} from "../engine/media-engine.ts";

type Codec = RtpCapabilities["codecs"][number];
type SentForm = Omit<SentStream, "participant" | "active" | "audioLevelDbov" | "phase">;
type ReceivedForm = Omit<
  ReceivedStream,
  "participant" | "stream" | "from" | "source" | "openShare" | "active"
>;

const MIME_TYPES = { audio: "audio/opus", video: "video/vp8" } as const;
const MEDIA: Readonly<Record<MediaSource, MediaName>> = {
  microphone: "voice",
  camera: "camera",
  screen: "screen",
  "screen-audio": "voice",
};
/** As many as the client sends, see docs/e2ee-frames.md. */
const LAYERS: Readonly<Record<MediaSource, number>> = {
  microphone: 1,
  camera: 3,
  screen: 1,
  "screen-audio": 1,
};
const EXTENSIONS: Readonly<Record<keyof HeaderExtensionIds, string>> = {
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  rid: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  repairedRid: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  absSendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  transportCc: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
};
/** Sent time is told by the transport-wide numbers already. */
const SENT_EXTENSIONS: Readonly<Record<MediaKind, readonly (keyof HeaderExtensionIds)[]>> = {
  audio: ["mid", "transportCc", "audioLevel"],
  video: ["mid", "rid", "repairedRid", "transportCc"],
};

/** What a participant sends of one source: for the server, and for the engine. */
export interface SentOffer {
  readonly rtpParameters: RtpParameters;
  readonly stream: SentForm;
}

/** Throws when the server speaks neither Opus nor VP8. */
export function offerOf(source: MediaSource, router: RtpCapabilities, cname: string): SentOffer {
  const kind = KIND_OF_SOURCE[source];
  const codec = codecOf(router, kind);
  const rtx = rtxOf(router, codec);
  const headerExtensions = extensionIds(router, kind);
  const mid = String(contextOf(source));
  const layers = LAYERS[source];
  const encodings = Array.from({ length: layers }, (_, layer): SentEncoding => ({
    layer,
    ssrc: randomSsrc(),
    // Only what somebody looks at is sent, as the client does it; the lowest always is.
    active: layer === 0,
    ...(layers > 1 ? { rid: `r${layer}` } : {}),
    ...(rtx === undefined ? {} : { rtxSsrc: randomSsrc() }),
  }));
  return {
    rtpParameters: sentParameters(router, kind, { codec, rtx, encodings, mid, cname }),
    stream: {
      stream: source,
      source,
      media: MEDIA[source],
      mid,
      cname,
      payloadType: codec.preferredPayloadType,
      ...(rtx === undefined ? {} : { rtxPayloadType: rtx.preferredPayloadType }),
      clockRate: codec.clockRate,
      headerExtensions,
      encodings,
    },
  };
}

/** What a synthetic participant can receive of what the server speaks. */
export function receiveCapabilities(router: RtpCapabilities): RtpCapabilities {
  const kinds = ["audio", "video"] as const;
  const codecs = kinds.flatMap((kind) => {
    const codec = codecOf(router, kind);
    const rtx = rtxOf(router, codec);
    return rtx === undefined ? [codec] : [codec, rtx];
  });
  const uris = [EXTENSIONS.mid, EXTENSIONS.transportCc];
  return {
    codecs,
    headerExtensions: router.headerExtensions.filter(({ uri }) => uris.includes(uri)),
  };
}

/** What a consumer's parameters say to the engine. Throws for parameters without a stream. */
export function receivedForm(parameters: RtpParameters): ReceivedForm {
  const [codec, ...others] = parameters.codecs;
  const [encoding] = parameters.encodings;
  if (codec === undefined || encoding?.ssrc === undefined) throw new Error("no stream is told");
  const rtx = others.find(({ mimeType }) => mimeType.toLowerCase().endsWith("/rtx"));
  const transportCc = parameters.headerExtensions?.find(
    ({ uri }) => uri === EXTENSIONS.transportCc,
  );
  return {
    mid: parameters.mid ?? "",
    payloadType: codec.payloadType,
    ...(rtx === undefined ? {} : { rtxPayloadType: rtx.payloadType }),
    clockRate: codec.clockRate,
    headerExtensions: transportCc === undefined ? {} : { transportCc: transportCc.id },
    ssrc: encoding.ssrc,
    ...(encoding.rtx === undefined ? {} : { rtxSsrc: encoding.rtx.ssrc }),
  };
}

function sentParameters(
  router: RtpCapabilities,
  kind: MediaKind,
  form: {
    readonly codec: Codec;
    readonly rtx: Codec | undefined;
    readonly encodings: readonly SentEncoding[];
    readonly mid: string;
    readonly cname: string;
  },
): RtpParameters {
  const { codec, rtx, encodings, mid, cname } = form;
  const used = SENT_EXTENSIONS[kind].map((name) => EXTENSIONS[name]);
  return {
    mid,
    codecs: [codec, ...(rtx === undefined ? [] : [rtx])].map((one) => ({
      mimeType: one.mimeType,
      payloadType: one.preferredPayloadType,
      clockRate: one.clockRate,
      ...(one.channels === undefined ? {} : { channels: one.channels }),
      parameters: one.parameters ?? {},
      rtcpFeedback: one.rtcpFeedback ?? [],
    })),
    headerExtensions: router.headerExtensions
      .filter(({ kind: of, uri }) => of === kind && used.includes(uri))
      .map(({ uri, preferredId }) => ({ uri, id: preferredId })),
    encodings: encodings.map(({ ssrc, rid, rtxSsrc }) => ({
      ssrc,
      ...(rid === undefined ? {} : { rid }),
      ...(rtxSsrc === undefined ? {} : { rtx: { ssrc: rtxSsrc } }),
      ...(kind === "video" ? { scalabilityMode: "L1T1" } : {}),
    })),
    rtcp: { cname, reducedSize: true, mux: true },
  };
}

function codecOf({ codecs }: RtpCapabilities, kind: MediaKind): Codec {
  const codec = codecs.find(({ mimeType }) => mimeType.toLowerCase() === MIME_TYPES[kind]);
  if (codec === undefined) throw new Error(`the server doesn't speak ${MIME_TYPES[kind]}`);
  return codec;
}

function rtxOf({ codecs }: RtpCapabilities, { preferredPayloadType }: Codec): Codec | undefined {
  return codecs.find(({ parameters }) => parameters?.["apt"] === preferredPayloadType);
}

function extensionIds(router: RtpCapabilities, kind: MediaKind): HeaderExtensionIds {
  const ids: Partial<Record<keyof HeaderExtensionIds, number>> = {};
  for (const name of SENT_EXTENSIONS[kind]) {
    const found = router.headerExtensions.find(
      (extension) => extension.kind === kind && extension.uri === EXTENSIONS[name],
    );
    if (found !== undefined) ids[name] = found.preferredId;
  }
  return ids;
}

/** Never 0, which no stream may have, nor 1, by which engines report. */
function randomSsrc(): number {
  return 2 + Math.floor(Math.random() * (0xffff_ffff - 2));
}
