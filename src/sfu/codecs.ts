import { ortc } from "mediasoup";
import type { types } from "mediasoup";
import type { RtpCapabilities } from "../protocol/index.ts";
import { headerExtensionUri, rtpCapabilities } from "../protocol/index.ts";
import { plainData } from "./plain-data.ts";

/**
 * What every router speaks. Opus with in-band FEC, which needs no second stream; without DTX,
 * whose silence would tell from outside when nobody speaks. No RED: the transform that seals
 * frames cannot see into it.
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
