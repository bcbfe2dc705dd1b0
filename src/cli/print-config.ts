import { referencePage } from "../config/index.ts";
import { EXIT, say, sayError } from "./console.ts";

/** `aparte config > docs/configuration.md` */
export async function printConfig(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    sayError("`aparte config` takes no arguments.\n");
    return EXIT.misused;
  }
  say(referencePage());
  return EXIT.ok;
}
