import { z } from "zod";
import { hostName, port, setting } from "../setting.ts";

export const admin = z.strictObject({
  host: setting(
    hostName.default("127.0.0.1"),
    "Address of the listener for health and metrics. It asks for no password: keep it where only you reach it.",
  ),
  port: setting(port.default(3_001), "Port of that listener. 0 takes a free one."),
});
