import type { BrowserAbilities } from "../state/support.ts";

/** Looks at the global scope of the page. */
export function browserAbilities(): BrowserAbilities {
  const canCall = "RTCPeerConnection" in globalThis;
  return {
    secureContext: isSecureContext,
    peerConnection: canCall,
    mediaDevices: "mediaDevices" in navigator,
    encodedTransform:
      "RTCRtpScriptTransform" in globalThis ||
      (canCall && "createEncodedStreams" in RTCRtpSender.prototype),
  };
}
