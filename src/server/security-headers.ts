export interface SecurityHeaderOptions {
  /** Browsers are told to come by HTTPS only from now on. Never with a development certificate. */
  readonly strictTransport: boolean;
  /** WebSocket origins that the page may connect to besides its own. */
  readonly connectTo: readonly string[];
}

const ALLOWED_FEATURES = [
  "camera",
  "microphone",
  "display-capture",
  "autoplay",
  "fullscreen",
  "picture-in-picture",
  "screen-wake-lock",
  "speaker-selection",
];
const REFUSED_FEATURES = [
  "accelerometer",
  "geolocation",
  "gyroscope",
  "hid",
  "magnetometer",
  "midi",
  "payment",
  "serial",
  "usb",
];
const YEAR_S = 31_536_000;

/**
 * Headers of every answer to a browser. The page holds the keys of a call, so nothing that is not
 * of this origin may run in it, and it may be framed by nobody.
 */
export function securityHeaders(options: SecurityHeaderOptions): Readonly<Record<string, string>> {
  return {
    "Content-Security-Policy": contentPolicy(options.connectTo),
    "Permissions-Policy": [
      ...ALLOWED_FEATURES.map((feature) => `${feature}=(self)`),
      ...REFUSED_FEATURES.map((feature) => `${feature}=()`),
    ].join(", "),
    // The fragment with the link's secret is never part of a referrer; the address isn't either.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    ...(options.strictTransport ? { "Strict-Transport-Security": `max-age=${YEAR_S}` } : {}),
  };
}

/** `'self'` covers WebSockets to the page's own origin (CSP level 3, section 6.7.2.8). */
function contentPolicy(connectTo: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "manifest-src 'self'",
    `connect-src ${["'self'", ...connectTo].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
