import { canTransform } from "../e2ee/worker/index.ts";

/**
 * Whether this browser can encrypt what it sends: there is no call without that.
 */
export function isSupported(): boolean {
  return (
    "RTCPeerConnection" in globalThis &&
    "Worker" in globalThis &&
    globalThis.isSecureContext &&
    canTransform()
  );
}
