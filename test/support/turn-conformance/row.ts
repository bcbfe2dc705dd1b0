import type { TurnEngineName } from "../../../src/turn/turn-options.ts";
import type { Answer, TurnClient } from "../turn-client.ts";
import type { EngineLab } from "../turn-engines.ts";
import type { OptionChanges } from "../turn-lab-options.ts";

/** `success`, an error code, `relayed`, or `dropped` when there is no answer. */
export type Outcome = string;

export interface ConformanceRow {
  readonly request: string;
  readonly when: string;
  /** Rows without options share one engine, each with a credential id of its own. */
  readonly options?: OptionChanges;
  readonly ask: (lab: EngineLab, client: TurnClient) => Promise<Answer | Outcome>;
  /** One for all, or what each engine does where they differ by nature. */
  readonly outcome: Outcome | Readonly<Record<TurnEngineName, Outcome>>;
  readonly note?: string;
}
