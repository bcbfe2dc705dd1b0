import type { types } from "mediasoup-client";
import { SEALABLE_MIME_TYPES } from "../../e2ee/frame/index.ts";

const RTX = "/rtx";

/**
 * What of the server's capabilities is negotiated: only codecs whose frames can be sealed, and
 * their retransmissions. Opus is encoded at a constant bit rate and is never silent (RFC 7587
 * section 6.1), so that sizes and gaps don't tell when somebody speaks. That is set here and not
 * left to the server, against whom it protects.
 */
export function sealableCapabilities(offered: types.RtpCapabilities): types.RtpCapabilities {
  const media = (offered.codecs ?? []).filter(isSealable).map(withConstantRate);
  const kept = new Set(media.map(({ preferredPayloadType }) => preferredPayloadType));
  const rtx = (offered.codecs ?? []).filter(
    ({ mimeType, parameters }) => mimeType.endsWith(RTX) && kept.has(Number(parameters?.["apt"])),
  );
  return { ...offered, codecs: [...media, ...rtx] };
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
