import { z } from "zod";
import { durationMs, setting } from "../setting.ts";

export const shutdown = z.strictObject({
  timeoutMs: setting(
    durationMs.max(600_000).default(10_000),
    "After SIGTERM or SIGINT: how long telling the clients and closing everything may take before the process ends all the same.",
  ),
  reconnectAfterMs: setting(
    durationMs.max(600_000).default(1_000),
    "After which time clients are told to connect again.",
  ),
});
