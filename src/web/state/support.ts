/**
 * Why this browser can't take part, or null if it can.
 * - `insecure`: the page didn't come over HTTPS; browsers then give neither devices nor keys.
 * - `no-webrtc`: it can't call at all.
 * - `no-sealing`: it can call, but can't seal frames; and without that there is no call here.
 */
export type SupportProblem = "insecure" | "no-webrtc" | "no-sealing";

export interface BrowserAbilities {
  readonly secureContext: boolean;
  readonly peerConnection: boolean;
  readonly mediaDevices: boolean;
  /** RTCRtpScriptTransform, or Chromium's createEncodedStreams. */
  readonly encodedTransform: boolean;
}

export function supportProblem(abilities: BrowserAbilities): SupportProblem | null {
  if (!abilities.secureContext) return "insecure";
  if (!abilities.peerConnection || !abilities.mediaDevices) return "no-webrtc";
  return abilities.encodedTransform ? null : "no-sealing";
}
