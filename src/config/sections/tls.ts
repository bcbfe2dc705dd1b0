import { z } from "zod";
import { path, setting } from "../setting.ts";

export const tls = z.strictObject({
  certificateFile: setting(
    path.optional(),
    "PEM file with the certificate and its chain. With it the service speaks HTTPS; it is read again on SIGHUP.",
    { path: true },
  ),
  keyFile: setting(path.optional(), "PEM file with the certificate's private key.", { path: true }),
  development: setting(
    z.boolean().default(false),
    "Makes a certificate of its own for this machine's addresses, so that a phone on the same network can join. Browsers warn of it: compare the printed fingerprint.",
  ),
  developmentDirectory: setting(
    path.default("~/.local/state/aparte"),
    "Where the development certificate is kept, so that it stays the same.",
    { path: true },
  ),
});
