import { z } from "zod";
import { VIDEO_CODECS } from "../media/video-codec.ts";

/** Characters of a name: long enough for most, short enough for a tile. */
export const MAX_NAME_CHARACTERS = 64;
/** Characters of one chat message. */
export const MAX_TEXT_CHARACTERS = 2_000;
/** The longest emoji, families with skin tones, take about 30 UTF-16 code units. */
const MAX_EMOJI_CHARACTERS = 40;
/** How long a hand can have been raised, in milliseconds. */
export const MAX_HAND_MS = 86_400_000;

const base64Url = (bytes: number) => {
  const characters = Math.ceil((bytes * 4) / 3);
  return z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${characters}}$`));
};

/** What participants tell each other end-to-end encrypted, as JSON within MLS application messages. */
const callMessage = z.discriminatedUnion("type", [
  /** Who somebody is. It is told to all on entering, and to each newcomer. */
  z.strictObject({
    type: z.literal("profile"),
    name: z.string().max(MAX_NAME_CHARACTERS),
    /** For how long the hand has been raised, in milliseconds: clocks differ, spans hardly do. */
    handMs: z.int().min(0).max(MAX_HAND_MS).optional(),
    /** The device's identity, and its signature over this stay. */
    identity: z.strictObject({ key: base64Url(32), proof: base64Url(64) }).optional(),
    /** The video codecs that the sender can receive; without it, VP8 alone. */
    codecs: z.array(z.enum(VIDEO_CODECS)).max(VIDEO_CODECS.length).optional(),
    /** The sender was away, and wants to be told the others' profiles again. */
    ask: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal("chat"), text: z.string().min(1).max(MAX_TEXT_CHARACTERS) }),
  z.strictObject({
    type: z.literal("reaction"),
    emoji: z.string().min(1).max(MAX_EMOJI_CHARACTERS),
  }),
  z.strictObject({ type: z.literal("hand"), raised: z.boolean() }),
]);
export type CallMessage = z.infer<typeof callMessage>;
export type ProfileMessage = Extract<CallMessage, { type: "profile" }>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function encodeCallMessage(message: CallMessage): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

/** Undefined for whatever another version, or somebody hostile, may have sent. */
export function decodeCallMessage(data: Uint8Array): CallMessage | undefined {
  try {
    const parsed = callMessage.safeParse(JSON.parse(decoder.decode(data)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
