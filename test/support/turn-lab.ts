import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { TurnCore } from "../../src/turn/core/turn-core.ts";
import { TurnServer } from "../../src/turn/engine/turn-server.ts";
import type { TurnOptions } from "../../src/turn/turn-options.ts";
import { TurnCounters } from "../../src/turn/turn-stats.ts";
import { ManualClock } from "./manual-clock.ts";
import { TurnGuests } from "./turn-guests.ts";
import { type OptionChanges, turnOptions } from "./turn-lab-options.ts";

/** A real server on loopback sockets in this process, with a clock that stands still. */
export class TurnLab extends TurnGuests {
  readonly clock: ManualClock;
  readonly counters = new TurnCounters();
  readonly options: TurnOptions;
  readonly server: TurnServer;
  readonly faults: unknown[] = [];

  private constructor(changes: OptionChanges) {
    const clock = new ManualClock(1_800_000_000_000);
    super(clock);
    this.clock = clock;
    this.options = turnOptions(changes);
    const { options, counters, faults } = this;
    const onFault = (error: unknown) => faults.push(error);
    this.server = new TurnServer(
      { options, clock, counters, onFault },
      (parts) => new TurnCore(parts),
    );
  }

  /** Closed when the test is over. */
  static async open(test: TestContext, changes: OptionChanges = {}): Promise<TurnLab> {
    const lab = new TurnLab(changes);
    test.after(() => lab.close());
    lab.listeners = (await lab.server.listen()).listeners;
    return lab;
  }

  async close(): Promise<void> {
    this.dismissGuests();
    await this.server.close("the test is over");
    assert.deepEqual(this.faults, [], "no packet was too much for the server");
  }
}

/** Waits until `holds`, which must come true by itself, for at most twenty seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const endsAt = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > endsAt) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
