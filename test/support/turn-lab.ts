import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import type { Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { TestContext } from "node:test";
import { issueCredential } from "../../src/turn/credentials.ts";
import { TurnCore } from "../../src/turn/core/turn-core.ts";
import type { Endpoint } from "../../src/turn/ip/address.ts";
import type { PortRange, TurnLimits, TurnOptions } from "../../src/turn/turn-options.ts";
import { defaultTurnLimits } from "../../src/turn/turn-options.ts";
import { TurnServer } from "../../src/turn/engine/turn-server.ts";
import type { TurnListenerAddress } from "../../src/turn/turn-engine.ts";
import { TurnCounters } from "../../src/turn/turn-stats.ts";
import { ManualClock } from "./manual-clock.ts";
import { endpoint, TurnClient } from "./turn-client.ts";

export const secret = "a secret for tests, thirty-two characters and more";
export const oldSecret = "another secret, from before the rotation, long enough";

export type OptionChanges = Partial<Omit<TurnOptions, "limits">> & { limits?: Partial<TurnLimits> };

/** 200 ports below the range from which the kernel takes ports by itself. */
export function relayPorts(): PortRange {
  const min = randomInt(10_000, 16_000) * 2;
  return { min, max: min + 199 };
}

/** Options for loopback: UDP on a free port, loopback peers allowed, a relay range of 200 ports. */
export function turnOptions(changes: OptionChanges = {}): TurnOptions {
  return {
    engine: "builtin",
    listeners: [{ protocol: "udp", address: "127.0.0.1", port: 0 }],
    relay: { addresses: [{ address: "127.0.0.1" }], ports: relayPorts() },
    realm: "turn.test",
    secrets: [secret, oldSecret],
    peers: { allowed: [{ range: "127.0.0.0/8" }], denied: [], others: "refuse" },
    ...changes,
    limits: {
      ...defaultTurnLimits,
      unauthenticatedPerS: 100_000,
      requestsPerS: 100_000,
      ...changes.limits,
    },
  };
}

/** A real server on loopback sockets in this process, with a clock that stands still. */
export class TurnLab {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly counters = new TurnCounters();
  readonly options: TurnOptions;
  readonly server: TurnServer;
  readonly faults: unknown[] = [];
  readonly #closers: (() => void)[] = [];
  listeners: readonly TurnListenerAddress[] = [];

  private constructor(changes: OptionChanges) {
    this.options = turnOptions(changes);
    const { options, clock, counters, faults } = this;
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

  listener(index = 0): TurnListenerAddress {
    const listener = this.listeners[index];
    if (listener === undefined) throw new RangeError(`no listener ${index}`);
    return listener;
  }

  credential(id = "alice", lifetimeMs = 3_600_000, with_ = secret) {
    return issueCredential({ secret: with_, id, lifetimeMs }, this.clock);
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
    await this.server.close("the test is over");
    assert.deepEqual(this.faults, [], "no packet was too much for the server");
  }
}

/** A UDP socket on the far side of the relay. */
export class TestPeer {
  readonly #socket: Socket;
  readonly endpoint: Endpoint;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.endpoint = endpoint(address, socket.address().port);
  }

  static async open(address: string): Promise<TestPeer> {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    socket.bind(0, address);
    await once(socket, "listening");
    return new TestPeer(socket, address);
  }

  async received(): Promise<string> {
    const [bytes] = await once(this.#socket, "message", { signal: AbortSignal.timeout(3_000) });
    return String(bytes);
  }

  send(data: string | Buffer, port: number, address = "127.0.0.1"): void {
    this.#socket.send(data, port, address);
  }

  close(): void {
    this.#socket.close();
  }
}

/** Waits until `holds`, which must come true by itself, for at most three seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const endsAt = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > endsAt) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
