import { ConfigError, loadConfig } from "../config/index.ts";
import { developmentCertificate, localAddresses, StartError } from "../server/index.ts";
import { EXIT, say, sayError } from "./console.ts";

/**
 * Makes the certificate that `tls.development` uses, or tells of the one that is there. Without a
 * directory it is where the configuration says.
 */
export async function certificate(args: readonly string[]): Promise<number> {
  const [directory, ...more] = args;
  if (more.length > 0 || directory?.startsWith("-")) {
    sayError("`aparte certificate` takes a directory and nothing else.\n");
    return EXIT.misused;
  }
  try {
    const place = directory ?? loadConfig({ flags: [] }).tls.developmentDirectory;
    const made = await developmentCertificate(place, localAddresses(), Date.now());
    const expires = new Date(made.expiresAtMs).toISOString().slice(0, 10);
    say(`  In        ${place}\n  SHA-256   ${made.fingerprint}\n  Expires   ${expires}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
    sayError(`${error.message}\n`);
    return error instanceof ConfigError ? EXIT.misused : EXIT.failed;
  }
}
