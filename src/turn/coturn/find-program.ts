import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { TurnEngineError } from "../turn-engine.ts";

/** Where Debian and others put it, whatever the PATH of a service says. */
const folders = ["/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/homebrew/bin"];

/** Throws `TurnEngineError` `engine-missing` with the command that mends it. */
export function findCoturn(program: string): string {
  const candidates = isAbsolute(program) ? [program] : folders.map((each) => join(each, program));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new TurnEngineError(
    "engine-missing",
    `the program of coturn was not found (${candidates.join(delimiter)}). Install it with "apt-get install --no-install-recommends coturn && systemctl disable --now coturn" (its own service would take the ports), or name it with turn.coturnProgram`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
