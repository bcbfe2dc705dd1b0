import type { Clock } from "../lib/clock.ts";
import { systemClock } from "../lib/clock.ts";
import { BuiltinEngine } from "./builtin/builtin-engine.ts";
import { checkTurnOptions } from "./check-options.ts";
import type { TurnEngine } from "./turn-engine.ts";
import type { TurnOptions } from "./turn-options.ts";

/** Throws `TurnEngineError` `bad-options` for options that no engine could serve. Opens nothing yet. */
export function createTurnEngine(options: TurnOptions, clock: Clock = systemClock): TurnEngine {
  checkTurnOptions(options);
  return new BuiltinEngine(options, clock);
}
