/** Every limit and time of signaling. All are configuration; the defaults stand below. */
export interface SignalingOptions {
  /**
   * Origins of pages (such as `https://meet.example`) that may connect besides the server's own;
   * `*` lets all. Clients that send no Origin header, which are not browsers, always may.
   */
  readonly allowedOrigins: readonly string[];
  /** Reverse proxies in front of this server, each of which appends to X-Forwarded-For. */
  readonly trustedProxies: number;
  /** Time within which a new connection must present its handshake. */
  readonly connectTimeoutMs: number;
  /** A connection is lost when a ping, sent at this interval, is not answered in `pingTimeoutMs`. */
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** Time for which the stay of a participant whose connection was lost is kept. */
  readonly resumeGraceMs: number;
  /** What clients are told to wait before they connect again after `server:closing`. */
  readonly reconnectAfterMs: number;
  /** Time that a closing server leaves its last messages to be sent. */
  readonly closeFlushMs: number;

  readonly rooms: number;
  readonly participants: number;
  readonly participantsPerRoom: number;
  readonly consumersPerParticipant: number;

  /**
   * Connections from one address: one IPv4 address, or one IPv6 network of 64 bits. As many
   * participants may have come from there, those included whose connection was lost.
   */
  readonly connectionsPerAddress: number;
  /** Requests of one connection; beyond, they are answered `rate-limited`. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  /** Requests of one connection that wait for their answers at the same time. */
  readonly pendingRequests: number;
  /** Bytes from one connection; beyond, it is cut off. */
  readonly bytesPerSecond: number;
  readonly byteBurst: number;
  /**
   * Bytes that one connection makes the server send by asking for a GroupInfo or commits, or by
   * a message to many. Beyond, such requests are answered `rate-limited`.
   */
  readonly amplifiedBytesPerSecond: number;
  readonly amplifiedByteBurst: number;
  /** Refusals for malformed, unknown or too many requests; a connection with more is cut off. */
  readonly offencesPerSecond: number;
  readonly offenceBurst: number;
  /** Bytes that wait to be sent to a connection that reads too slowly; beyond, it is cut off. */
  readonly backlogBytes: number;

  /** Time that a member has for providing a GroupInfo before another one is asked. */
  readonly groupInfoTimeoutMs: number;
  /** How often members are asked before the request is answered `group-unavailable`. */
  readonly groupInfoAttempts: number;
  /** Failures in a row after which a participant no longer counts as a member of the group. */
  readonly groupInfoStrikes: number;
  /** Time for which a GroupInfo serves further newcomers, as long as its epoch lasts. */
  readonly groupInfoCacheMs: number;
  /** Members up to whose number a GroupInfo is got ahead of newcomers. */
  readonly groupInfoAheadMembers: number;
  /** Newcomers who come within this time of each other are let in by one commit. */
  readonly joinWindowMs: number;
  /** As many may enter by commits of their own within one window. */
  readonly joinBurst: number;
  /** How many newcomers one commit lets in, at most LIMITS.keyPackagesPerCommit. */
  readonly admitBatch: number;
  /** Time that a member has for letting newcomers in before another one is told. */
  readonly admitTakeoverMs: number;
  /** How many members are told of a newcomer whom nobody lets in. */
  readonly admitAttempts: number;
  /** Commits that a room keeps for those who missed them. */
  readonly keptCommitsPerRoom: number;
  readonly keptCommitBytesPerRoom: number;
  /** Bytes of commits and GroupInfos that all rooms together keep. */
  readonly keptGroupBytes: number;
  /** Bytes of commits in one answer, which holds one commit at least. */
  readonly commitsAnswerBytes: number;
}

const KIB = 1_024;
const MIB = 1_024 * KIB;

/**
 * Made for calls of up to some hundred participants on one machine. A newcomer to a call of 100
 * asks for 400 consumers within a moment and resumes each, which the request burst allows.
 */
export const DEFAULT_SIGNALING_OPTIONS: SignalingOptions = {
  allowedOrigins: [],
  trustedProxies: 0,
  connectTimeoutMs: 10_000,
  pingIntervalMs: 10_000,
  pingTimeoutMs: 8_000,
  resumeGraceMs: 30_000,
  reconnectAfterMs: 1_000,
  closeFlushMs: 250,

  rooms: 10_000,
  participants: 20_000,
  participantsPerRoom: 1_000,
  consumersPerParticipant: 4_000,

  connectionsPerAddress: 256,
  requestsPerSecond: 100,
  requestBurst: 1_000,
  pendingRequests: 512,
  bytesPerSecond: MIB,
  byteBurst: 16 * MIB,
  amplifiedBytesPerSecond: 8 * MIB,
  amplifiedByteBurst: 64 * MIB,
  offencesPerSecond: 2,
  offenceBurst: 100,
  backlogBytes: 16 * MIB,

  groupInfoTimeoutMs: 2_000,
  groupInfoAttempts: 4,
  groupInfoStrikes: 3,
  groupInfoCacheMs: 30_000,
  groupInfoAheadMembers: 16,
  joinWindowMs: 100,
  joinBurst: 2,
  admitBatch: 256,
  admitTakeoverMs: 1_000,
  admitAttempts: 4,
  keptCommitsPerRoom: 1_024,
  keptCommitBytesPerRoom: 16 * MIB,
  keptGroupBytes: 256 * MIB,
  commitsAnswerBytes: 4 * MIB,
};
