import type { IncomingMessage } from "node:http";

/**
 * Whether a page of the request's origin may connect. Browsers do not hold WebSockets to the
 * same-origin policy, so the server must (RFC 6455 section 10.2): any page could else open a
 * connection from its visitor's network.
 */
export function originAllowed(
  request: IncomingMessage,
  allowedOrigins: readonly string[],
): boolean {
  const { origin } = request.headers;
  if (origin === undefined || allowedOrigins.includes("*")) return true;
  // The scheme is left out: behind a proxy that ends TLS the server does not know its own.
  return allowedOrigins.includes(origin) || hostOf(origin) === request.headers.host?.toLowerCase();
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
