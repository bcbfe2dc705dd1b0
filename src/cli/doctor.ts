import { type Config, ConfigError, loadConfig } from "../config/index.ts";
import { rehearseStart, StartError } from "../server/index.ts";
import { EXIT, say, sayError } from "./console.ts";

const RUNNING = "--running";
const ANSWER_TIMEOUT_MS = 4_000;

/**
 * Would the service start as configured? It is started and ended again, so it must not be running.
 * With `--running`: is the one that runs here ready? Container engines ask that.
 */
export async function doctor(args: readonly string[]): Promise<number> {
  try {
    const config = loadConfig({ flags: args.filter((arg) => arg !== RUNNING) });
    if (args.includes(RUNNING)) return await askRunning(config);
    await rehearseStart(config);
    say("The service starts as configured.\n");
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
    sayError(`${error.message}\n`);
    return error instanceof ConfigError ? EXIT.misused : EXIT.failed;
  }
}

async function askRunning({ admin }: Config): Promise<number> {
  const host = admin.host === "0.0.0.0" || admin.host === "::" ? "localhost" : admin.host;
  const authority = host.includes(":") ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${authority}:${admin.port}/readyz`, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const report = await response.text();
    if (response.ok) say(`The service is ready: ${report}\n`);
    else sayError(`The service is not ready: ${report}\n`);
    return response.ok ? EXIT.ok : EXIT.failed;
  } catch {
    sayError(`No service answers at ${authority}:${admin.port} (admin.host, admin.port).\n`);
    return EXIT.failed;
  }
}
