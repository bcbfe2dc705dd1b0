import { ortc } from "mediasoup";
import type { types } from "mediasoup";
import type { RtpCapabilities } from "../protocol/index.ts";
import { headerExtensionUri, rtpCapabilities } from "../protocol/index.ts";
import { plainData } from "./plain-data.ts";

/**
 * What every router speaks. Opus with in-band FEC, which needs no second stream; without DTX,
 * whose silence would tell from outside when nobody speaks. No RED: the transform that seals
 * frames cannot see into it.
 *
 * VP8 is first, as every browser can send it and it may be switched between layers by anyone who
 * reads its payload header. H.264 in constrained baseline with packetization mode 1 alone (RFC
 * 6184 section 5.2): in mode 0 no unit could be larger than a packet, and a sealed frame is one.
 */
export const ROUTER_CODECS: types.RouterRtpCodecCapability[] = [
  {
    kind: "audio",
    mimeType: "audio/opus",
    clockRate: 48_000,
    channels: 2,
    parameters: { useinbandfec: 1, usedtx: 0 },
  },
  { kind: "video", mimeType: "video/VP8", clockRate: 90_000 },
  { kind: "video", mimeType: "video/VP9", clockRate: 90_000, parameters: { "profile-id": 0 } },
  {
    kind: "video",
    mimeType: "video/H264",
    clockRate: 90_000,
    parameters: {
      "packetization-mode": 1,
      "profile-level-id": "42e01f",
      "level-asymmetry-allowed": 1,
    },
  },
  { kind: "video", mimeType: "video/AV1", clockRate: 90_000 },
];

/**
 * What clients may use of it: the codecs, and of mediasoup's header extensions those that the
 * protocol lists. All routers answer the same, so it is computed once, without a worker.
 */
export function routerRtpCapabilities(): RtpCapabilities {
  const { codecs = [], headerExtensions = [] } = ortc.generateRouterRtpCapabilities(ROUTER_CODECS);
  return rtpCapabilities.parse(
    plainData({
      codecs,
      headerExtensions: headerExtensions.filter(
        ({ uri }) => headerExtensionUri.safeParse(uri).success,
      ),
    }),
  );
}
