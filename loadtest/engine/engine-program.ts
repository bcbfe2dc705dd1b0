import type { EngineChoice } from "../link/messages.ts";
import type { EngineProgram } from "./engine-process.ts";
import { PORTABLE_PROGRAM } from "./engine-process.ts";

/** What starts the chosen engine. Throws when it isn't there. */
export function engineProgram(choice: EngineChoice): EngineProgram {
  if (choice === "native") throw new Error("the native engine was not built");
  return PORTABLE_PROGRAM;
}
