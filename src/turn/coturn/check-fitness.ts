import { TurnEngineError } from "../turn-engine.ts";
import type { TurnOptions } from "../turn-options.ts";
import { turnTransports } from "../turn-options.ts";

/**
 * coturn listens on every address with the same ports, one for UDP and TCP and one for TLS, and
 * counts in whole seconds. Throws `TurnEngineError` `engine-unfit`.
 */
export function checkCoturnFitness({ listeners, limits }: TurnOptions): void {
  const plain = new Set(listeners.flatMap((each) => (each.protocol === "tls" ? [] : [each.port])));
  const tls = new Set(listeners.flatMap((each) => (each.protocol === "tls" ? [each.port] : [])));
  demand(plain.size <= 1, "one port for UDP and TCP on all addresses");
  demand(tls.size <= 1, "one port for TLS on all addresses");
  const addresses = new Set(listeners.map(({ address }) => address));
  for (const protocol of turnTransports) {
    const count = listeners.filter((each) => each.protocol === protocol).length;
    demand(count === 0 || count === addresses.size, `${protocol} on every address or on none`);
  }
  const certificates = new Set(listeners.map(({ tls: pems }) => pems?.cert));
  demand(certificates.size <= 2, "one certificate for all addresses");
  demand(limits.nonceLifetimeMs >= 1_000, "nonces that live for a second at least");
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new TurnEngineError("engine-unfit", `the engine coturn needs ${what}`);
}
