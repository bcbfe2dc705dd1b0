import { isIPv6 } from "node:net";
import type { Config, Secret } from "../../config/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { IceServer, ParticipantId } from "../../protocol/index.ts";
import type { IceServerSource } from "../../signaling/ports.ts";
import { issueCredential } from "../../turn/credentials.ts";
import type { TurnTransport } from "../../turn/turn-options.ts";

/** What clients are told of the relay. */
export interface TurnPlace {
  readonly host: string;
  readonly ports: ReadonlyMap<TurnTransport, number>;
  readonly secret: Secret;
}

/**
 * Gives each participant a credential of their own, so that quotas count by participant. The id
 * in it is random and tells nobody anything.
 */
export class TurnIceServers implements IceServerSource {
  readonly #place: TurnPlace;
  readonly #lifetimeMs: number;
  readonly #clock: Clock;

  constructor(place: TurnPlace, { turn }: Config, clock: Clock) {
    this.#place = place;
    this.#lifetimeMs = turn.credentialLifetimeMs;
    this.#clock = clock;
  }

  iceServers(participantId: ParticipantId): IceServer[] {
    const { secret, host, ports } = this.#place;
    const credential = issueCredential(
      { secret: secret.reveal(), id: participantId, lifetimeMs: this.#lifetimeMs },
      this.#clock,
    );
    const urls = [...ports].map(([transport, port]) => turnUrl(transport, host, port));
    return [{ urls, username: credential.username, credential: credential.password }];
  }
}

/** Where there is no relay, clients reach the SFU directly or not at all. */
export const noIceServers: IceServerSource = { iceServers: () => [] };

/** RFC 7065. */
function turnUrl(transport: TurnTransport, host: string, port: number): string {
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (transport === "tls") return `turns:${authority}?transport=tcp`;
  return `turn:${authority}?transport=${transport}`;
}
