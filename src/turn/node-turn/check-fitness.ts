import { parseAddress } from "../ip/address.ts";
import { inRange } from "../ip/range.ts";
import { specialRanges } from "../ip/special-ranges.ts";
import { TurnEngineError } from "../turn-engine.ts";
import type { TurnOptions } from "../turn-options.ts";

const insideKinds = new Set<string>(["loopback", "private"]);

/**
 * node-turn has no maintainer, so a hole that we have not found stays open: it serves private
 * networks only, whatever the fences hold. It knows no IPv6. Throws `TurnEngineError` `engine-unfit`.
 */
export function checkNodeTurnFitness({ listeners, relay }: TurnOptions): void {
  const addresses = [
    ...listeners.map(({ address }) => address),
    ...relay.addresses.flatMap(({ address, external = address }) => [address, external]),
  ];
  for (const address of addresses) {
    if (isInside(address)) continue;
    throw new TurnEngineError(
      "engine-unfit",
      `the engine node-turn is not for ${address}: it serves loopback and private IPv4 addresses only, each by name`,
    );
  }
}

function isInside(text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined || address.family !== 4) return false;
  return specialRanges.some(
    ({ range, refusal }) => insideKinds.has(refusal) && inRange(range, address),
  );
}
