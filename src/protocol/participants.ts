import { z } from "zod";
import { participantId, producerId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { mediaSource } from "./media.ts";

/** A stream that a participant sends. `paused` means muted by its owner. */
export const producerSnapshot = z.strictObject({
  producerId,
  source: mediaSource,
  paused: z.boolean(),
});
export type ProducerSnapshot = z.infer<typeof producerSnapshot>;

/** `connected` is false while the server waits for a participant who lost the connection. */
export const participantSnapshot = z.strictObject({
  participantId,
  connected: z.boolean(),
  producers: z.array(producerSnapshot).max(LIMITS.producersPerParticipant),
});
export type ParticipantSnapshot = z.infer<typeof participantSnapshot>;
