import { z } from "zod";
import {
  committed,
  epoch,
  epochTag,
  groupPosition,
  messageBytes,
  packedKeyPackages,
  welcomeBytes,
} from "./group.ts";
import { consumerId, participantId, producerId, transportId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { participantSnapshot, producerSnapshot } from "./participants.ts";

/** What the server tells clients, without an answer: one row a notification. */
export const notifications = {
  "participant:joined": z.strictObject({ participant: participantSnapshot }),
  "participant:left": z.strictObject({
    participantId,
    /** `left` by its own word, or `lost` after it had been silent for too long. */
    reason: z.enum(["left", "lost"]),
  }),
  "participant:connection": z.strictObject({ participantId, connected: z.boolean() }),

  "producer:opened": z.strictObject({ participantId, producer: producerSnapshot }),
  "producer:paused": z.strictObject({ participantId, producerId }),
  "producer:resumed": z.strictObject({ participantId, producerId }),
  "producer:closed": z.strictObject({ participantId, producerId }),

  /**
   * For the producer's owner: the highest spatial layer that anybody receives, 0 the lowest; null
   * while nobody does. What lies above need not be sent.
   */
  "producer:layers": z.strictObject({
    producerId,
    spatialLayer: z
      .int()
      .min(0)
      .max(LIMITS.encodings - 1)
      .nullable(),
  }),

  /** The consumer's producer is gone, or the way to it. */
  "consumer:closed": z.strictObject({
    consumerId,
    reason: z.enum(["producer-closed", "worker-died"]),
  }),
  /** The layers that the server sends now; null while it sends none for want of bandwidth. */
  "consumer:layers": z.strictObject({
    consumerId,
    layers: z.strictObject({ spatialLayer: z.int(), temporalLayer: z.int() }).nullable(),
  }),

  /** The client makes a new transport, and on it what it had on this one. */
  "transport:closed": z.strictObject({ transportId, reason: z.enum(["worker-died"]) }),

  /**
   * The sender declared a group of epoch 0. Whoever holds an earlier group of this room leaves it
   * and joins this one.
   */
  "group:created": z.strictObject({ participantId }),
  "group:committed": committed,
  /** Commits were taken back: the group stands here again. Whoever followed them joins it anew. */
  "group:rolled-back": groupPosition,
  /**
   * It is this member's turn to let newcomers in: `keyPackages` holds theirs (`packBytes`), those
   * that waited longest first. If no commit comes, another member is told.
   */
  "group:admit": z.strictObject({ keyPackages: packedKeyPackages }),
  /** For one who proposed: a member's commit lets them in. */
  "group:welcome": z.strictObject({ epoch, tag: epochTag, welcome: welcomeBytes }),
  "group:received": z.strictObject({ participantId, message: messageBytes }),

  /** The server shuts down; the client connects again after the given time, or elsewhere. */
  "server:closing": z.strictObject({ reconnectAfterMs: z.int().min(0).max(600_000) }),
} as const;

export type Notifications = typeof notifications;
export type NotificationName = keyof Notifications;
export type NotificationPayload<Name extends NotificationName> = z.infer<Notifications[Name]>;
export type NotificationPayloads = { [Name in NotificationName]: NotificationPayload<Name> };
