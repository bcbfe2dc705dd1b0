/** How a client reaches the node. `tls` carries TURN over TLS over TCP (`turns:`). */
export const turnTransports = ["udp", "tcp", "tls"] as const;
export type TurnTransport = (typeof turnTransports)[number];

/** PEM texts. */
export interface TurnCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TurnListenerOptions {
  readonly protocol: TurnTransport;
  /**
   * A literal IPv4 or IPv6 address. A wildcard (`0.0.0.0`, `::`) takes all of the machine's; on a
   * machine with several addresses name each, else UDP answers may leave from another one.
   */
  readonly address: string;
  /** 0 takes a free one; `start()` tells which. */
  readonly port: number;
  /** Asked for when, and only when, `protocol` is `tls`. */
  readonly tls?: TurnCertificate;
}

export interface TurnRelayAddress {
  /** The literal local address that relay sockets are bound to; never a wildcard. */
  readonly address: string;
  /** What clients and peers see instead of it behind a 1:1 NAT. */
  readonly external?: string;
}

export interface PortRange {
  readonly min: number;
  /** Inclusive. */
  readonly max: number;
}

/** A peer, or a range of them, that the policy names. Without `ports` all ports are meant. */
export interface PeerRule {
  /** A literal address or a CIDR range. */
  readonly range: string;
  readonly ports?: PortRange;
}

export interface TurnPeerOptions {
  /** The deployment's own SFU addresses and ports. May name loopback and private addresses. */
  readonly allowed: readonly PeerRule[];
  /** Wins over `allowed`. */
  readonly denied: readonly PeerRule[];
  /**
   * What becomes of peers that no rule names: `refuse` (a relay for this deployment only), or
   * `allow-public` (an open relay towards the public Internet, never towards special ranges).
   */
  readonly others: "refuse" | "allow-public";
}

export interface TurnLimits {
  readonly allocations: number;
  /** By the id in the credential, however often credentials were issued to it. */
  readonly allocationsPerCredential: number;
  /** Distinct peer addresses of one allocation. */
  readonly permissionsPerAllocation: number;
  readonly channelsPerAllocation: number;
  /** Relayed payload bytes per second of one allocation, in each direction. */
  readonly bandwidthBytesPerS: number;
  /** What an Allocate without LIFETIME gets (RFC 8656 section 3.2: 10 minutes). */
  readonly lifetimeDefaultMs: number;
  readonly lifetimeMaxMs: number;
  /** An allocation ends at this age however often it is refreshed. */
  readonly allocationAgeMaxMs: number;
  readonly nonceLifetimeMs: number;
  /** TCP and TLS connections together. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** A connection without an allocation is cut off after this time. */
  readonly connectionIdleMs: number;
  /** Bytes that may wait on one connection or socket; data beyond that is dropped. */
  readonly sendQueueBytes: number;
  /** Requests of one client that has an allocation; data is not counted. */
  readonly requestsPerS: number;
  /** Answers to requests that prove no credential, per second and source network (/24, /56). */
  readonly unauthenticatedPerS: number;
}

export const defaultTurnLimits: TurnLimits = {
  allocations: 1_000,
  allocationsPerCredential: 24,
  permissionsPerAllocation: 32,
  channelsPerAllocation: 32,
  bandwidthBytesPerS: 1_500_000,
  lifetimeDefaultMs: 600_000,
  lifetimeMaxMs: 3_600_000,
  allocationAgeMaxMs: 86_400_000,
  nonceLifetimeMs: 600_000,
  connections: 2_000,
  connectionsPerAddress: 100,
  connectionIdleMs: 30_000,
  sendQueueBytes: 256 * 1024,
  requestsPerS: 100,
  unauthenticatedPerS: 100,
};

/** See docs/turn.md for what each can do. */
export const turnEngineNames = ["builtin", "node-turn", "coturn"] as const;
export type TurnEngineName = (typeof turnEngineNames)[number];

/** Everything a TURN engine is told. Plain data: it crosses to a thread or becomes a file. */
export interface TurnOptions {
  readonly engine: TurnEngineName;
  /** The program of the engine `coturn`: an absolute path, or a name to look for where systems put it. */
  readonly coturnProgram?: string;
  readonly listeners: readonly TurnListenerOptions[];
  readonly relay: {
    /** At least one of each family that clients may ask for; without asking they get IPv4. */
    readonly addresses: readonly TurnRelayAddress[];
    readonly ports: PortRange;
  };
  readonly realm: string;
  /** Shared secrets of the time-limited credentials: all are accepted, the first one issues. */
  readonly secrets: readonly string[];
  readonly limits: TurnLimits;
  readonly peers: TurnPeerOptions;
}
