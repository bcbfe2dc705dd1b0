import { randomInt } from "node:crypto";
import type { PortRange, TurnLimits, TurnOptions } from "../../src/turn/turn-options.ts";
import { defaultTurnLimits } from "../../src/turn/turn-options.ts";

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
