import { z } from "zod";
import { count, durationMs, hostName, origin, path, port, setting } from "../setting.ts";

export const http = z.strictObject({
  host: setting(
    hostName.default("127.0.0.1"),
    "Address that the call page and signaling listen on. `0.0.0.0` or `::` means all of the machine's; browsers then need HTTPS.",
  ),
  port: setting(port.default(3_000), "Port of the call page and signaling. 0 takes a free one."),
  publicUrl: setting(
    origin.optional(),
    "How browsers reach the service, where that differs from host and port: behind a proxy, say. Stands in the printed link.",
    { form: "origin", whenUnset: "made from host and port" },
  ),
  pageDirectory: setting(path.optional(), "Folder with the built call page.", {
    path: true,
    whenUnset: "`dist/web` of this package",
  }),
  printLink: setting(
    z.enum(["auto", "always", "never"]).default("auto"),
    "Whether `aparte serve` prints a ready link to a new room. `auto`: only on a terminal, since what a service prints elsewhere is kept in some log.",
  ),
  allowedOrigins: setting(
    z.array(origin).max(64).default([]),
    "Further pages that may speak to signaling, by their origins. The own page always may.",
    { form: "origins" },
  ),
  trustedProxies: setting(
    z.int().min(0).max(16).default(0),
    "Reverse proxies in front, each of which appends to `X-Forwarded-For`. Limits by address need it right.",
  ),
  maxConnections: setting(
    count.default(20_000),
    "Connections at one time; more are closed at once.",
  ),
  headersTimeoutMs: setting(
    durationMs.default(10_000),
    "Time that a connection has for the head of a request.",
  ),
  requestTimeoutMs: setting(durationMs.default(30_000), "Time for a whole request."),
});
