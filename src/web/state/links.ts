/** A piece of a text: as it stands, or an address that can be gone to. */
export type TextPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
/** What ends a sentence rather than an address. */
const CLOSING = /[.,;:!?…]+$/u;

/**
 * Finds web addresses in a text. Only http and https count, so that no link can run anything. What
 * is shown of a link is what the browser goes to: a host in look-alike letters shows as `xn--…`.
 */
export function findLinks(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimAddress(match[0]);
    if (!URL.canParse(address)) continue;
    const { href, hostname, username } = new URL(address);
    // A name before the host is there to deceive: "https://bank.example@elsewhere.example".
    if (username !== "") continue;
    if (match.index > end) pieces.push({ kind: "text", text: text.slice(end, match.index) });
    const isPlain = address.toLowerCase().includes(hostname);
    pieces.push({ kind: "link", text: isPlain ? address : href, href });
    end = match.index + address.length;
  }
  if (end < text.length) pieces.push({ kind: "text", text: text.slice(end) });
  return pieces;
}

function trimAddress(address: string): string {
  const trimmed = address.replace(CLOSING, "");
  const opens = trimmed.split("(").length;
  // A bracket that was opened before the address closes after it.
  return trimmed.endsWith(")") && trimmed.split(")").length > opens
    ? trimAddress(trimmed.slice(0, -1))
    : trimmed;
}
