import { z } from "zod";

/** Characters of a name: long enough for most, short enough for a tile. */
export const MAX_NAME_CHARACTERS = 64;

/** What participants tell each other end-to-end encrypted, as JSON within MLS application messages. */
const callMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("profile"), name: z.string().max(MAX_NAME_CHARACTERS) }),
]);
export type CallMessage = z.infer<typeof callMessage>;

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

/** Control and format characters, but for the joiner that emoji are put together with. */
const UNSHOWN = /(?!\u200D)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const graphemes = new Intl.Segmenter();

/** A name as it may be sent: without control characters, trimmed, cut between two characters. */
export function cleanName(name: string): string {
  const visible = name.normalize("NFC").replaceAll(UNSHOWN, "").trim();
  let cut = "";
  for (const { segment } of graphemes.segment(visible)) {
    if (cut.length + segment.length > MAX_NAME_CHARACTERS) break;
    cut += segment;
  }
  return cut;
}
