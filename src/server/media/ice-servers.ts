import type { Clock } from "../../lib/clock.ts";
import type { EdgeRegion, IceServer } from "../../protocol/index.ts";
import type { IceServerSource } from "../../signaling/ports.ts";
import { issueCredential } from "../../turn/credentials.ts";
import type { TurnPlace } from "./turn-place.ts";

export interface RelayPlan {
  readonly places: readonly TurnPlace[];
  readonly credentialLifetimeMs: number;
}

/**
 * Gives each holder a credential of their own, so that quotas count by participant. The id in it is
 * random and tells nobody anything.
 */
export class TurnIceServers implements IceServerSource {
  readonly #clock: Clock;
  #plan: RelayPlan;

  constructor(plan: RelayPlan, clock: Clock) {
    this.#plan = plan;
    this.#clock = clock;
  }

  /** Whoever asks from now on is told of these. */
  use(plan: RelayPlan): void {
    this.#plan = plan;
  }

  regions(holder: string): EdgeRegion[] {
    const regions = new Map<string, IceServer[]>();
    for (const place of this.#plan.places) {
      const servers = regions.get(place.region) ?? [];
      regions.set(place.region, servers);
      servers.push(this.#iceServer(place, holder));
    }
    return [...regions].map(([region, iceServers]) => ({ region, iceServers }));
  }

  #iceServer({ urls, secret }: TurnPlace, holder: string): IceServer {
    const { username, password } = issueCredential(
      { secret: secret.reveal(), id: holder, lifetimeMs: this.#plan.credentialLifetimeMs },
      this.#clock,
    );
    return { urls: [...urls], username, credential: password };
  }
}
