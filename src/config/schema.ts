import { z } from "zod";
import { admin } from "./sections/admin.ts";
import { http } from "./sections/http.ts";
import { log } from "./sections/log.ts";
import { sfu } from "./sections/sfu.ts";
import { shutdown } from "./sections/shutdown.ts";
import { signaling } from "./sections/signaling.ts";
import { tls } from "./sections/tls.ts";
import { turn } from "./sections/turn.ts";
import { regionName, setting } from "./setting.ts";

const role = z.enum(["signaling", "sfu", "turn"]);
export type Role = z.infer<typeof role>;

/**
 * Everything that can be configured. The names of file keys, variables and flags, the texts of the
 * reference page and the type `Config` all come from here.
 */
export const configSchema = z.strictObject({
  roles: setting(
    z
      .array(role)
      .min(1)
      .max(3)
      .refine((roles) => new Set(roles).size === roles.length, { error: "names a role twice" })
      .default(["signaling", "sfu", "turn"]),
    "What this process does. All in one is the whole service.",
  ),
  region: setting(
    regionName.default("home"),
    "Where this process stands: the region of its SFU and of its relay. Clients relay through the nearest region.",
    { form: "1 to 32 letters, digits, hyphens and underscores" },
  ),
  http: http.prefault({}).meta({ description: "The call page and signaling" }),
  tls: tls.prefault({}).meta({ description: "HTTPS" }),
  admin: admin.prefault({}).meta({ description: "Health and metrics" }),
  sfu: sfu.prefault({}).meta({ description: "Media" }),
  turn: turn.prefault({}).meta({ description: "Relay for clients behind firewalls" }),
  signaling: signaling.prefault({}).meta({ description: "Limits of signaling" }),
  log: log.prefault({}).meta({ description: "Log" }),
  shutdown: shutdown.prefault({}).meta({ description: "Shutdown" }),
});

export type Config = z.output<typeof configSchema>;
