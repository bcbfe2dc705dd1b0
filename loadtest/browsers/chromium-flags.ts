/** A Chromium that asks its maker for nothing, and whose candidates are addresses that can be read. */
export const QUIET_CHROMIUM = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
] as const;

/** One that takes part in calls unattended, with a made-up camera and microphone. */
export const CALLING_CHROMIUM = [
  ...QUIET_CHROMIUM,
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  // Without these a page in the background runs its timers once a second.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
] as const;
