import { createServer, type Server, type ServerResponse } from "node:http";
import type { Health, HealthReport, Metrics } from "../observability/index.ts";

const REQUEST_TIMEOUT_MS = 5_000;
const CONNECTIONS = 64;
const JSON_TYPE = "application/json; charset=utf-8";

/**
 * `/livez` and `/readyz` tell the state as JSON with 200 or 503, `/healthz` is the same as
 * `/readyz`, `/metrics` is for Prometheus. Nothing else: no profile, no dump, no command.
 */
export function createAdminServer(health: Health, metrics: Metrics): Server {
  const pages = new Map<string, (response: ServerResponse) => Promise<void> | void>([
    ["/livez", (response) => answerReport(response, health.liveness())],
    ["/readyz", (response) => answerReport(response, health.readiness())],
    ["/healthz", (response) => answerReport(response, health.readiness())],
    ["/metrics", (response) => answerMetrics(response, metrics)],
  ]);
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      const page = pages.get(request.url?.split("?")[0] ?? "");
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("X-Content-Type-Options", "nosniff");
      if (page === undefined) answer(response, 404, JSON_TYPE, '{"error":"not found"}');
      else if (request.method !== "GET" && request.method !== "HEAD") {
        answer(response, 405, JSON_TYPE, '{"error":"only GET"}');
      } else void page(response);
    },
  );
  server.maxConnections = CONNECTIONS;
  return server;
}

function answerReport(response: ServerResponse, report: HealthReport): void {
  answer(response, report.ok ? 200 : 503, JSON_TYPE, JSON.stringify(report));
}

async function answerMetrics(response: ServerResponse, metrics: Metrics): Promise<void> {
  try {
    const { contentType, text } = await metrics.exposition();
    answer(response, 200, contentType, text);
  } catch {
    answer(response, 500, JSON_TYPE, '{"error":"a figure could not be read"}');
  }
}

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "Content-Type": type });
  response.end(text);
}
