import { z } from "zod";
import { durationMs, setting } from "../setting.ts";

export const shutdown = z.strictObject({
  graceMs: setting(
    z.int().min(0).max(600_000).default(5_000),
    "After SIGTERM or SIGINT: how long clients that have been told may take to leave before they are cut off.",
  ),
  reconnectAfterMs: setting(
    durationMs.max(600_000).default(1_000),
    "After which time clients are told to connect again.",
  ),
});
