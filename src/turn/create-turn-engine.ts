import type { Clock } from "../lib/clock.ts";
import { systemClock } from "../lib/clock.ts";
import { checkTurnOptions } from "./check-options.ts";
import { checkCoturnFitness } from "./coturn/check-fitness.ts";
import { coturnLife } from "./coturn/coturn-life.ts";
import type { BeginLife } from "./engine/engine-life.ts";
import { SupervisedEngine } from "./engine/supervised-engine.ts";
import { spawnThread, threadLife } from "./engine/thread-life.ts";
import { checkNodeTurnFitness } from "./node-turn/check-fitness.ts";
import type { TurnEngine } from "./turn-engine.ts";
import type { TurnEngineName, TurnOptions } from "./turn-options.ts";

interface EngineKind {
  /** Throws `TurnEngineError` `engine-unfit` for options that this engine can't serve. */
  readonly checkFitness: (options: TurnOptions) => void;
  readonly begin: BeginLife;
}

const kinds: Record<TurnEngineName, EngineKind> = {
  builtin: {
    checkFitness: () => {},
    begin: inThread(new URL("builtin/thread.ts", import.meta.url)),
  },
  "node-turn": {
    checkFitness: checkNodeTurnFitness,
    begin: inThread(new URL("node-turn/thread.ts", import.meta.url)),
  },
  coturn: { checkFitness: checkCoturnFitness, begin: coturnLife },
};

/**
 * Throws `TurnEngineError`: `bad-options` for options that no engine could serve, `engine-unfit` for
 * those that this one can't. Opens nothing yet.
 */
export function createTurnEngine(options: TurnOptions, clock: Clock = systemClock): TurnEngine {
  checkTurnOptions(options);
  const kind = kinds[options.engine];
  kind.checkFitness(options);
  return new SupervisedEngine(options, clock, kind.begin);
}

function inThread(entry: URL): BeginLife {
  return (birth) => {
    const { options, counters } = birth;
    return threadLife(spawnThread(entry, { options, counters: counters.memory }), birth);
  };
}
