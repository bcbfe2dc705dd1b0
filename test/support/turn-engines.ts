import type { TestContext } from "node:test";
import { systemClock } from "../../src/lib/clock.ts";
import { createTurnEngine } from "../../src/turn/create-turn-engine.ts";
import type { TurnCredential } from "../../src/turn/credentials.ts";
import { issueCredential } from "../../src/turn/credentials.ts";
import type { TurnEngine, TurnListenerAddress } from "../../src/turn/turn-engine.ts";
import type { TurnEngineName } from "../../src/turn/turn-options.ts";
import { TurnClient } from "./turn-client.ts";
import type { OptionChanges } from "./turn-lab.ts";
import { secret, TestPeer, turnOptions } from "./turn-lab.ts";

/** An engine in its own thread or process, on the system's clock, as it is deployed. */
export class EngineLab {
  readonly engine: TurnEngine;
  readonly #closers: (() => void)[] = [];
  listeners: readonly TurnListenerAddress[] = [];

  private constructor(engine: TurnEngineName, changes: OptionChanges) {
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

  listener(index = 0): TurnListenerAddress {
    const listener = this.listeners[index];
    if (listener === undefined) throw new RangeError(`no listener ${index}`);
    return listener;
  }

  credential(id = "alice", lifetimeMs = 3_600_000, with_ = secret): TurnCredential {
    return issueCredential({ secret: with_, id, lifetimeMs }, systemClock);
  }

  async client(id = "alice", listener = this.listener()): Promise<TurnClient> {
    const client = await TurnClient.connect(listener, this.credential(id));
    this.#closers.push(() => client.close());
    return client;
  }

  async peer(address = "127.0.0.1"): Promise<TestPeer> {
    const peer = await TestPeer.open(address);
    this.#closers.push(() => peer.close());
    return peer;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) close();
    await this.engine.close("the test is over");
  }
}
