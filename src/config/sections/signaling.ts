import { z } from "zod";
import { byteCount, count, durationMs, setting } from "../setting.ts";

const KIB = 1_024;
const MIB = 1_024 * KIB;

export const signaling = z.strictObject({
  connectTimeoutMs: setting(
    durationMs.default(10_000),
    "Time within which a new connection must present its handshake.",
  ),
  pingIntervalMs: setting(
    durationMs.default(10_000),
    "How often connections are asked for a sign of life.",
  ),
  pingTimeoutMs: setting(
    durationMs.default(8_000),
    "A connection that gives none within this time is lost.",
  ),
  resumeGraceMs: setting(
    durationMs.default(30_000),
    "How long a participant whose connection was lost keeps their place.",
  ),
  closeFlushMs: setting(
    durationMs.default(250),
    "Time that a closing server leaves its last messages to be sent.",
  ),
  rooms: setting(count.default(10_000), "Rooms at one time."),
  participants: setting(count.default(20_000), "Participants at one time."),
  participantsPerRoom: setting(
    z.int().min(1).max(5_000).default(1_000),
    "Participants of one room.",
  ),
  consumersPerParticipant: setting(
    count.default(4_000),
    "Streams that one participant may ask for.",
  ),
  connectionsPerAddress: setting(
    count.default(256),
    "Connections from one IPv4 address, or from one IPv6 network of 64 bits, and participants who came from there.",
  ),
  requestsPerSecond: setting(
    count.default(100),
    "Requests a second that one connection may go on with; more are answered `rate-limited`.",
  ),
  requestBurst: setting(count.default(1_000), "Requests that one connection may make at once."),
  pendingRequests: setting(
    count.default(512),
    "Requests of one connection that wait for their answers.",
  ),
  bytesPerSecond: setting(
    byteCount.default(MIB),
    "Bytes a second that one connection may go on sending; one that sends more is cut off.",
  ),
  byteBurst: setting(byteCount.default(16 * MIB), "Bytes that one connection may send at once."),
  amplifiedBytesPerSecond: setting(
    byteCount.default(8 * MIB),
    "Bytes a second that one connection may make the server send, to itself or to others.",
  ),
  amplifiedByteBurst: setting(byteCount.default(64 * MIB), "Of them at once."),
  offencesPerSecond: setting(
    count.default(2),
    "Refused requests a second after which a connection is cut off.",
  ),
  offenceBurst: setting(count.default(100), "Of them at once."),
  backlogBytes: setting(
    byteCount.default(16 * MIB),
    "Bytes that wait for a connection which reads too slowly; with more it is cut off.",
  ),
  groupInfoTimeoutMs: setting(
    durationMs.default(2_000),
    "Time that a member has to let a newcomer in before another one is asked.",
  ),
  groupInfoAttempts: setting(z.int().min(1).max(100).default(4), "How many members are asked."),
  groupInfoStrikes: setting(
    z.int().min(1).max(100).default(3),
    "Failures in a row after which a participant is asked no more.",
  ),
  groupInfoCacheMs: setting(
    durationMs.default(30_000),
    "How long one member's answer serves further newcomers, as long as the epoch lasts.",
  ),
  groupInfoAheadMembers: setting(
    z.int().min(0).max(1_000).default(16),
    "In groups of up to so many, a member is asked ahead of newcomers, who then need not wait.",
  ),
  joinWindowMs: setting(
    durationMs.default(100),
    "Newcomers who come within this time of each other are let in together.",
  ),
  joinBurst: setting(
    z.int().min(1).max(100).default(2),
    "As many may enter by themselves within that time; it is quicker for few.",
  ),
  admitBatch: setting(
    z.int().min(1).max(256).default(256),
    "How many are let in together at most: more are quicker in, and make the next keys costlier.",
  ),
  admitTakeoverMs: setting(
    durationMs.default(1_000),
    "Time that a member has to let newcomers in together before another one is asked.",
  ),
  admitAttempts: setting(
    z.int().min(1).max(100).default(4),
    "How many members are asked for a newcomer whom nobody lets in.",
  ),
  keptCommitsPerRoom: setting(
    count.default(1_024),
    "Key changes that a room keeps for those who missed them. They are encrypted.",
  ),
  keptCommitBytesPerRoom: setting(byteCount.default(16 * MIB), "Bytes of them in one room."),
  keptGroupBytes: setting(byteCount.default(256 * MIB), "Bytes of them in all rooms."),
  commitsAnswerBytes: setting(
    byteCount.default(4 * MIB),
    "Bytes of key changes in one answer, which holds one at least.",
  ),
});
