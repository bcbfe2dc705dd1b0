import type { AllocationSocket } from "node-turn/lib/allocation.js";
import type { ClientLink } from "../core/client-link.ts";
import type { Identity } from "../core/credential-verifier.ts";
import type { Relay } from "../core/relay-pool.ts";
import { TokenBucket } from "../core/token-bucket.ts";
import { formatAddress } from "../ip/address.ts";
import type { TurnLimits } from "../turn-options.ts";

/** Who proved what, with the password that node-turn makes its key from. */
export interface ProvenIdentity extends Identity {
  readonly password: string;
}

export interface FencedSocketParts {
  readonly link: ClientLink;
  readonly identity: ProvenIdentity;
  readonly relay: Relay;
  readonly limits: TurnLimits;
  readonly nowMs: number;
  /** Asked for each packet towards a peer; the policy and the quota lie behind it. */
  readonly sendToPeer: (socket: FencedSocket, data: Buffer, address: string, port: number) => void;
}

/**
 * What node-turn takes for the dgram socket of an allocation, with what we keep of it. Packets of
 * peers don't pass through it: the package's own handler throws on those of 0 and 1 bytes.
 */
export class FencedSocket implements AllocationSocket {
  readonly link: ClientLink;
  readonly identity: ProvenIdentity;
  readonly relay: Relay;
  readonly fromClient: TokenBucket;
  readonly toClient: TokenBucket;
  readonly requests: TokenBucket;
  readonly endsAtMs: number;
  /** The package keeps channels for ever: until when each is bound, by number. */
  readonly channelsUntilMs = new Map<number, number>();
  permissions = 0;
  readonly #sendToPeer: FencedSocketParts["sendToPeer"];

  constructor({ link, identity, relay, limits, nowMs, sendToPeer }: FencedSocketParts) {
    this.link = link;
    this.identity = identity;
    this.relay = relay;
    this.fromClient = new TokenBucket(limits.bandwidthBytesPerS, nowMs);
    this.toClient = new TokenBucket(limits.bandwidthBytesPerS, nowMs);
    this.requests = new TokenBucket(limits.requestsPerS, nowMs);
    this.endsAtMs = nowMs + limits.allocationAgeMaxMs;
    this.#sendToPeer = sendToPeer;
  }

  address(): { address: string; port: number } {
    const { advertised } = this.relay;
    return { address: formatAddress(advertised), port: advertised.port };
  }

  on(): void {}

  send(data: Buffer, port: number, address: string): void {
    this.#sendToPeer(this, data, address, port);
  }
}
