import type { Endpoint } from "../ip/address.ts";
import type { TurnLimits } from "../turn-options.ts";
import type { ClientLink } from "./client-link.ts";
import type { Identity } from "./credential-verifier.ts";
import type { PeerBook } from "./peer-book.ts";
import type { Relay } from "./relay-pool.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface AllocationParts {
  readonly link: ClientLink;
  readonly identity: Identity;
  readonly relay: Relay;
  /** Of the Allocate request, to know a retransmission of it. */
  readonly transactionId: Buffer;
  readonly lifetimeMs: number;
  readonly nowMs: number;
  /** Given to the client with the allocation, so that a retransmission is answered the same. */
  readonly reservationToken: Buffer | undefined;
}

/** One client's relayed transport address with its permissions and channels (RFC 8656 section 3). */
export class Allocation {
  readonly link: ClientLink;
  readonly identity: Identity;
  readonly relay: Relay;
  readonly transactionId: Buffer;
  readonly reservationToken: Buffer | undefined;
  readonly peers: PeerBook;
  readonly fromClient: TokenBucket;
  readonly toClient: TokenBucket;
  readonly requests: TokenBucket;
  readonly #endsAtMs: number;
  #expiresAtMs: number;

  constructor(parts: AllocationParts, limits: TurnLimits, peers: PeerBook) {
    this.link = parts.link;
    this.identity = parts.identity;
    this.relay = parts.relay;
    this.transactionId = parts.transactionId;
    this.reservationToken = parts.reservationToken;
    this.peers = peers;
    this.fromClient = new TokenBucket(limits.bandwidthBytesPerS, parts.nowMs);
    this.toClient = new TokenBucket(limits.bandwidthBytesPerS, parts.nowMs);
    this.requests = new TokenBucket(limits.requestsPerS, parts.nowMs);
    this.#endsAtMs = parts.nowMs + limits.allocationAgeMaxMs;
    this.#expiresAtMs = Math.min(parts.nowMs + parts.lifetimeMs, this.#endsAtMs);
  }

  get relayed(): Endpoint {
    return this.relay.advertised;
  }

  get expiresAtMs(): number {
    return this.#expiresAtMs;
  }

  /** Never beyond the greatest age. */
  refresh(nowMs: number, lifetimeMs: number): void {
    this.#expiresAtMs = Math.min(nowMs + lifetimeMs, this.#endsAtMs);
  }

  /** Whole seconds, as LIFETIME says it. */
  remainingS(nowMs: number): number {
    return Math.max(0, Math.round((this.#expiresAtMs - nowMs) / 1000));
  }
}
