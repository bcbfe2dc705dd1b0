import { z } from "zod";
import { setting } from "../setting.ts";

export const log = z.strictObject({
  level: setting(
    z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
    "The least weighty lines that are written. No level writes keys, names, whole ids or addresses of participants.",
  ),
  format: setting(
    z.enum(["auto", "json", "pretty"]).default("auto"),
    "One JSON object or one short line for people. `auto`: short lines on a terminal, JSON elsewhere.",
  ),
});
