import type { Clock } from "../../src/lib/clock.ts";
import type { TurnCredential } from "../../src/turn/credentials.ts";
import { issueCredential } from "../../src/turn/credentials.ts";
import type { TurnListenerAddress } from "../../src/turn/turn-engine.ts";
import { TestPeer } from "./test-peer.ts";
import { TurnClient } from "./turn-client.ts";
import { secret } from "./turn-lab-options.ts";

/** The clients and peers of a server under test, who leave when the test is over. */
export abstract class TurnGuests {
  readonly #clock: Clock;
  readonly #closers: (() => void)[] = [];
  listeners: readonly TurnListenerAddress[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listener(index = 0): TurnListenerAddress {
    const listener = this.listeners[index];
    if (listener === undefined) throw new RangeError(`no listener ${index}`);
    return listener;
  }

  credential(id = "alice", lifetimeMs = 3_600_000, with_ = secret): TurnCredential {
    return issueCredential({ secret: with_, id, lifetimeMs }, this.#clock);
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

  protected dismissGuests(): void {
    for (const close of this.#closers.splice(0)) close();
  }
}
