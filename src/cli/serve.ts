import { type Config, ConfigError, loadConfig } from "../config/index.ts";
import { type RunningServer, runService, StartError } from "../server/index.ts";
import { EXIT, say, sayError } from "./console.ts";
import { printRoomLink } from "./room-link.ts";
import { version } from "./version.ts";

/** Runs the service until it is asked to end. Resolves with the exit code. */
export async function serve(flags: readonly string[]): Promise<number> {
  try {
    const readConfig = () => loadConfig({ flags });
    const config = readConfig();
    return await runService({ config, readConfig, onReady: (server) => greet(server, config) });
  } catch (error) {
    if (error instanceof ConfigError) {
      const lines = error.problems.map(({ message }) => `  ${message}\n`).join("");
      sayError(`The configuration is not understood:\n${lines}`);
      return EXIT.misused;
    }
    if (!(error instanceof StartError)) throw error;
    sayError(`${error.message}\n`);
    return EXIT.failed;
  }
}

async function greet(server: RunningServer, config: Config): Promise<void> {
  const { origins, adminOrigin, certificate } = server;
  say(`\n  Aparté ${version()}\n\n`);
  if (origins !== undefined) {
    sayLine("Open", origins.main);
    if (wantsLink(config)) await printRoomLink("A room", origins.invitation);
    for (const origin of origins.network) sayLine("Network", origin);
    if (origins.network.length > 0 && certificate === undefined) {
      say(
        "\n  Browsers give no camera or microphone to these network addresses without HTTPS: add\n" +
          "  --tls-development to try, or see docs/self-hosting.md.\n\n",
      );
    }
  }
  if (certificate !== undefined) sayLine("SHA-256", certificate.fingerprint);
  sayLine("Health", `${adminOrigin}/readyz`);
  say("\n  Ctrl-C ends it.\n\n");
}

function wantsLink({ http }: Config): boolean {
  if (http.printLink === "auto") return process.stdout.isTTY;
  return http.printLink === "always";
}

function sayLine(name: string, value: string): void {
  say(`  ${name.padEnd(10)}${value}\n`);
}
