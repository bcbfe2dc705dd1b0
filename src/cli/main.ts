import { nearestName } from "../config/index.ts";
import { EXIT, say, sayError } from "./console.ts";

const HELP = `Aparté: calls that only the people in them can hear.

  aparte serve [flags]                the whole service in this process
  aparte config                       prints every setting, as Markdown
  aparte doctor [flags]               what is in the way of calls, and what mends it: on this machine,
                                      as configured (--stun host:port asks how it looks from outside)
  aparte doctor https://host          the same from another machine, as users reach it; --json
  aparte doctor --running [flags]     is the one that runs here ready?
  aparte certificate [directory]      makes a development certificate and prints its fingerprint
  aparte --help | --version

  aparte serve --http-port 8080       each setting is a flag, a variable and a key of aparte.yaml:
                                      see docs/configuration.md
`;

/** Loaded one by one, so that each starts as quickly as it can. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  serve: async (args) => (await import("./serve.ts")).serve(args),
  config: async (args) => (await import("./print-config.ts")).printConfig(args),
  doctor: async (args) => (await import("./doctor/doctor.ts")).doctor(args),
  certificate: async (args) => (await import("./certificate.ts")).certificate(args),
  help: async () => printHelp(),
  "--help": async () => printHelp(),
  "-h": async () => printHelp(),
  "--version": async () => (await import("./version.ts")).printVersion(),
};

function printHelp(): number {
  say(HELP);
  return EXIT.ok;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return args.includes("--help") ? printHelp() : command(args);
  if (name === undefined) {
    sayError(HELP);
    return EXIT.misused;
  }
  const nearest = nearestName(name, Object.keys(commands));
  const hint = nearest === undefined ? "" : `; did you mean \`aparte ${nearest}\`?`;
  sayError(`There is no command \`${name}\`${hint}\n`);
  return EXIT.misused;
}

process.exit(await main(process.argv.slice(2)));
