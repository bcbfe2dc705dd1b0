import type { TestContext } from "node:test";
import { systemClock } from "../../src/lib/clock.ts";
import { createTurnEngine } from "../../src/turn/create-turn-engine.ts";
import type { TurnEngine } from "../../src/turn/turn-engine.ts";
import type { TurnEngineName } from "../../src/turn/turn-options.ts";
import { TurnGuests } from "./turn-guests.ts";
import { type OptionChanges, turnOptions } from "./turn-lab-options.ts";

/** An engine in its own thread or process, on the system's clock, as it is deployed. */
export class EngineLab extends TurnGuests {
  readonly engine: TurnEngine;

  private constructor(engine: TurnEngineName, changes: OptionChanges) {
    super(systemClock);
    this.engine = createTurnEngine(turnOptions({ ...changes, engine }));
  }

  /** Closed when the test is over. */
  static async open(
    test: TestContext,
    engine: TurnEngineName,
    changes: OptionChanges = {},
  ): Promise<EngineLab> {
    const lab = await EngineLab.start(engine, changes);
    test.after(() => lab.close());
    return lab;
  }

  /** To be closed by who calls. */
  static async start(engine: TurnEngineName, changes: OptionChanges = {}): Promise<EngineLab> {
    const lab = new EngineLab(engine, changes);
    lab.listeners = (await lab.engine.start()).listeners;
    return lab;
  }

  async close(): Promise<void> {
    this.dismissGuests();
    await this.engine.close("the test is over");
  }
}
