import { MAX_NAME_CHARACTERS, MAX_TEXT_CHARACTERS } from "../group/call-messages.ts";

/** Control and format characters, but for the joiner that emoji are put together with. */
const UNSHOWN = /(?!\u200D)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What could make a text, or an address in it, look like another one. Line breaks and tabs stay. */
const DECEIVING = /(?![\n\t])\p{Cc}|[\u00AD\u202A-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;
const graphemes = new Intl.Segmenter();

/** A name as it may be sent and shown: without control characters, trimmed, cut between two characters. */
export function cleanName(name: string): string {
  return cut(name.normalize("NFC").replaceAll(UNSHOWN, "").trim(), MAX_NAME_CHARACTERS);
}

/** A chat message as it may be sent and shown; empty if nothing is left of it. */
export function cleanText(text: string): string {
  const visible = text.normalize("NFC").replaceAll("\r\n", "\n").replaceAll(DECEIVING, "");
  return cut(visible.trim(), MAX_TEXT_CHARACTERS);
}

/** Whether this is one emoji, which may be put together of several. */
export function isEmoji(text: string): boolean {
  const characters = [...graphemes.segment(text)];
  return characters.length === 1 && /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(text);
}

function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + segment.length > maxCharacters) break;
    kept += segment;
  }
  return kept;
}
