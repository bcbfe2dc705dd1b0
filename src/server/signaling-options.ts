import type { Config } from "../config/index.ts";
import type { SignalingOptions } from "../signaling/signaling-options.ts";

/** The section of that name is signaling's options but for what other sections say already. */
export function signalingOptions({ http, shutdown, signaling }: Config): SignalingOptions {
  const ownOrigin = http.publicUrl === undefined ? [] : [new URL(http.publicUrl).origin];
  return {
    ...signaling,
    allowedOrigins: [...ownOrigin, ...http.allowedOrigins],
    trustedProxies: http.trustedProxies,
    reconnectAfterMs: shutdown.reconnectAfterMs,
  };
}
