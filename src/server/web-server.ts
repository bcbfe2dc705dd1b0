import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { Config } from "../config/index.ts";
import type { Certificate } from "./certificate/certificate.ts";
import type { RequestListener } from "./page.ts";

export type WebServer = Server | HttpsServer;

const KEEP_ALIVE_MS = 5_000;
const HEADER_BYTES = 16_384;
const HEADERS = 100;

/** With a certificate it speaks HTTPS. It listens nowhere yet. */
export function createWebServer(
  { http }: Config,
  listener: RequestListener,
  certificate: Certificate | undefined,
): WebServer {
  const limits = {
    headersTimeout: http.headersTimeoutMs,
    requestTimeout: http.requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // How often Node looks for requests that are late.
    connectionsCheckingInterval: Math.min(1_000, http.headersTimeoutMs),
    maxHeaderSize: HEADER_BYTES,
  };
  const server =
    certificate === undefined
      ? createHttpServer(limits, listener)
      : createHttpsServer({ ...limits, ...tlsOptions(certificate) }, listener);
  server.maxConnections = http.maxConnections;
  server.maxHeadersCount = HEADERS;
  return server;
}

export function tlsOptions({ certificatePem, keyPem }: Certificate): {
  cert: string;
  key: string;
  minVersion: "TLSv1.2";
} {
  return { cert: certificatePem, key: keyPem.reveal(), minVersion: "TLSv1.2" };
}

/** Takes no more connections and ends those that carry no request. */
export function stopListening(server: Server | HttpsServer): Promise<void> {
  return new Promise((resolve) => {
    // An error here only says that it didn't listen.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
