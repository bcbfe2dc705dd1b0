import type { types } from "mediasoup-client";
import { SEALABLE_MIME_TYPES } from "../../e2ee/frame/index.ts";

const RTX = "/rtx";
/** How loud the sound of a packet is, RFC 6464. */
const AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/**
 * Below this a sender's estimate of the bandwidth does not fall, in kbit/s. A browser without a free
 * core takes its own lateness for a queue in the network, and would end at what a slide show needs;
 * a network that is narrower carries no picture beside the sound anyway. Chromium's own parameter.
 */
const FLOOR = { "x-google-min-bitrate": 300 } as const;

/**
 * What of the server's capabilities is negotiated: only codecs whose frames can be sealed, and
 * their retransmissions. Opus is encoded at a constant bit rate and is never silent (RFC 7587
 * section 6.1), so that sizes and gaps don't tell when somebody speaks, and packets don't say it in
 * so many words unless `audioLevels` is wanted. That is set here and not left to the server,
 * against whom it protects.
 *
 * Every codec names the floor of the estimate, sound's too: Chromium takes it from the section of
 * the description that it applied last, and with none there the floor would be gone again.
 */
export function sealableCapabilities(
  offered: types.RtpCapabilities,
  { audioLevels }: { readonly audioLevels: boolean },
): types.RtpCapabilities {
  const media = (offered.codecs ?? []).filter(isSealable).map(withConstantRate).map(withFloor);
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

function withFloor(codec: types.RtpCodecCapability): types.RtpCodecCapability {
  return { ...codec, parameters: { ...codec.parameters, ...FLOOR } };
}

function withConstantRate(codec: types.RtpCodecCapability): types.RtpCodecCapability {
  if (codec.mimeType.toLowerCase() !== "audio/opus") return codec;
  return { ...codec, parameters: { ...codec.parameters, cbr: 1, usedtx: 0 } };
}
