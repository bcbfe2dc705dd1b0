import { z } from "zod";
import { mediaSource, regionName } from "../../src/protocol/index.ts";

/** What one synthetic participant does: plain data, as it may run on another machine. */
export const participantPlan = z.strictObject({
  /** 16 bytes in base64url, as the protocol has them. */
  participantId: z.string(),
  /** The number of its room within the run. */
  room: z.int(),
  /** The invitation, whose origin is where signaling is. */
  link: z.string(),
  publish: z.array(mediaSource),
  /** Videos that it looks at, at most. */
  videos: z.int(),
  /** The highest spatial layer that it wants of them. */
  layer: z.int(),
  /** The share of received frames that it opens. */
  openShare: z.number(),
  /** By a TURN server only. */
  relayOnly: z.boolean(),
  region: regionName.exactOptional(),
  /** Of its media, both ways. */
  impairment: z
    .strictObject({ delayMs: z.number(), jitterMs: z.number(), lossPercent: z.number() })
    .exactOptional(),
});
export type ParticipantPlan = z.infer<typeof participantPlan>;

/** What a participant tells of itself while it runs. Times are in microseconds since 1970. */
export const participantEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("stage"),
    participantId: z.string(),
    room: z.int(),
    /** Since it began to join. */
    stage: z.enum(["socket", "join", "group", "transport", "firstAudio", "firstVideo"]),
    ms: z.number(),
  }),
  /** It holds the keys of its room, and its transports stand. */
  z.strictObject({
    type: z.literal("joined"),
    participantId: z.string(),
    room: z.int(),
    ms: z.number(),
  }),
  z.strictObject({
    type: z.literal("leaving"),
    participantId: z.string(),
    room: z.int(),
    atUs: z.number(),
  }),
  z.strictObject({ type: z.literal("left"), participantId: z.string(), room: z.int() }),
  z.strictObject({
    type: z.literal("epoch"),
    participantId: z.string(),
    room: z.int(),
    epoch: z.int(),
    /** The same for all members of it. */
    tag: z.string(),
    atUs: z.number(),
    members: z.int(),
    shutOut: z.array(z.string()),
  }),
  /** Something that a user would notice or that should not be. */
  z.strictObject({
    type: z.literal("trouble"),
    participantId: z.string(),
    room: z.int(),
    code: z.string(),
    message: z.string(),
    /** It could not join, or has fallen out for good. */
    isFinal: z.boolean(),
  }),
  /** Its connection to signaling, or its media, are gone; it tries to come back. */
  z.strictObject({
    type: z.literal("lost"),
    participantId: z.string(),
    room: z.int(),
    what: z.enum(["signaling", "media"]),
  }),
  /** Since that was lost. */
  z.strictObject({
    type: z.literal("recovered"),
    participantId: z.string(),
    room: z.int(),
    what: z.enum(["signaling", "media"]),
    ms: z.number(),
  }),
]);
export type ParticipantEvent = z.infer<typeof participantEvent>;
type DistributiveOmit<Event> = Event extends ParticipantEvent
  ? Omit<Event, "participantId" | "room">
  : never;
/** An event without whose it is. */
export type OwnEvent = DistributiveOmit<ParticipantEvent>;
