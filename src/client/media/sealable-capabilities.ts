import type { types } from "mediasoup-client";
import { SEALABLE_MIME_TYPES } from "../../e2ee/frame/index.ts";

const RTX = "/rtx";
/** How loud the sound of a packet is, RFC 6464. */
const AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

/**
 * What of the server's capabilities is negotiated: only codecs whose frames can be sealed, and
 * their retransmissions. Opus is encoded at a constant bit rate and is never silent (RFC 7587
 * section 6.1), so that sizes and gaps don't tell when somebody speaks, and packets don't say it in
 * so many words unless `audioLevels` is wanted. That is set here and not left to the server,
 * against whom it protects.
 */
export function sealableCapabilities(
  offered: types.RtpCapabilities,
  { audioLevels }: { readonly audioLevels: boolean },
): types.RtpCapabilities {
  const media = (offered.codecs ?? []).filter(isSealable).map(withConstantRate);
  const kept = new Set(media.map(({ preferredPayloadType }) => preferredPayloadType));
  const rtx = (offered.codecs ?? []).filter(
    ({ mimeType, parameters }) => mimeType.endsWith(RTX) && kept.has(Number(parameters?.["apt"])),
  );
  const headerExtensions = (offered.headerExtensions ?? []).filter(
    ({ uri }) => audioLevels || uri !== AUDIO_LEVEL,
  );
  return { ...offered, codecs: [...media, ...rtx], headerExtensions };
}

function isSealable({ mimeType, parameters }: types.RtpCodecCapability): boolean {
  const name = mimeType.toLowerCase();
  if (!SEALABLE_MIME_TYPES.includes(name)) return false;
  // In mode 0 (RFC 6184 section 5.2) a unit must fit into one packet, and a sealed frame is a unit.
  return name !== "video/h264" || parameters?.["packetization-mode"] === 1;
}

function withConstantRate(codec: types.RtpCodecCapability): types.RtpCodecCapability {
  if (codec.mimeType.toLowerCase() !== "audio/opus") return codec;
  return { ...codec, parameters: { ...codec.parameters, cbr: 1, usedtx: 0 } };
}
