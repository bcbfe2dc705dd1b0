import { concatBytes } from "@noble/hashes/utils.js";
import { fromBase64Url, toBase64Url } from "../../lib/base64url.ts";
import type { Invitation, Signatures } from "./invitation.ts";
import { deriveInvitation, INVITATION_SECRET_BYTES, renewInvitation } from "./invitation.ts";
import { InvitationError } from "./invitation-error.ts";

interface LinkFormat {
  readonly signatures: Signatures;
  /** After a kick the room id comes before the secret, which no longer leads to it. */
  readonly isRenewed: boolean;
}

/** By the fragment's first character, which tells what follows and how keys come from it. */
const FORMATS: ReadonlyMap<string, LinkFormat> = new Map([
  ["1", { signatures: "classical", isRenewed: false }],
  ["2", { signatures: "classical", isRenewed: true }],
  ["3", { signatures: "post-quantum", isRenewed: false }],
  ["4", { signatures: "post-quantum", isRenewed: true }],
]);
const ROOM_ID_BYTES = 16;

/**
 * `<origin>/#1<secret in base64url>`, or after a kick `<origin>/#2<room id ‖ secret>`. The secret stands in the fragment, which browsers send to no
 * server (RFC 3986 section 3.5). Throws `InvitationError` when `origin` is no absolute URL.
 */
export function invitationLink(invitation: Invitation, origin: string): string {
  const base = parseUrl(origin).origin;
  // Schemes without an origin, such as `data:`, give the text "null" (HTML, section 7.1.1).
  if (base === "null") throw new InvitationError("not-a-url", "A link needs a web address.");
  const { secret, roomId, signatures } = invitation;
  const isRenewed = deriveInvitation(secret, signatures).roomId !== roomId;
  const room = isRenewed ? (fromBase64Url(roomId) ?? new Uint8Array()) : new Uint8Array();
  const format = formatOf({ signatures, isRenewed });
  return `${base}/#${format}${toBase64Url(concatBytes(room, secret))}`;
}

/** Reads the fragment of `url`, whatever the rest of it says. Throws `InvitationError`. */
export function parseInvitationLink(url: string | URL): Invitation {
  const fragment = (typeof url === "string" ? parseUrl(url) : url).hash.slice(1);
  if (fragment === "") {
    throw new InvitationError("no-secret", "The link is incomplete: its part after # is missing.");
  }
  const format = FORMATS.get(fragment.slice(0, 1));
  if (format === undefined) {
    throw new InvitationError(
      "unknown-version",
      "The link is of a version that is not known here.",
    );
  }
  const { signatures, isRenewed } = format;
  const bytes = fromBase64Url(fragment.slice(1));
  const roomBytes = isRenewed ? ROOM_ID_BYTES : 0;
  if (bytes?.length !== roomBytes + INVITATION_SECRET_BYTES) {
    throw new InvitationError("malformed-secret", "The link was cut off or altered.");
  }
  const secret = bytes.subarray(roomBytes);
  if (!isRenewed) return deriveInvitation(secret, signatures);
  return renewInvitation({ roomId: toBase64Url(bytes.subarray(0, roomBytes)), signatures }, secret);
}

function formatOf({ signatures, isRenewed }: LinkFormat): string {
  for (const [character, format] of FORMATS) {
    if (format.signatures === signatures && format.isRenewed === isRenewed) return character;
  }
  throw new RangeError("a link of no known format");
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new InvitationError("not-a-url", "This is not a link.");
  return url;
}
