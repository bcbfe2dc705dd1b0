import { fromBase64Url, toBase64Url } from "../../lib/base64url.ts";
import type { Invitation } from "./invitation.ts";
import { deriveInvitation, INVITATION_SECRET_BYTES } from "./invitation.ts";
import { InvitationError } from "./invitation-error.ts";

/** The fragment's first character. It tells the format of what follows and how keys come from it. */
const VERSION = "1";

/**
 * `<origin>/#1<secret in base64url>`. The secret stands in the fragment, which browsers send to no
 * server (RFC 3986 section 3.5). Throws `InvitationError` when `origin` is no absolute URL.
 */
export function invitationLink(invitation: Invitation, origin: string): string {
  const base = parseUrl(origin).origin;
  // Schemes without an origin, such as `data:`, give the text "null" (HTML, section 7.1.1).
  if (base === "null") throw new InvitationError("not-a-url", "A link needs a web address.");
  return `${base}/#${VERSION}${toBase64Url(invitation.secret)}`;
}

/** Reads the fragment of `url`, whatever the rest of it says. Throws `InvitationError`. */
export function parseInvitationLink(url: string | URL): Invitation {
  const fragment = (typeof url === "string" ? parseUrl(url) : url).hash.slice(1);
  if (fragment === "") {
    throw new InvitationError("no-secret", "The link is incomplete: its part after # is missing.");
  }
  if (!fragment.startsWith(VERSION)) {
    throw new InvitationError(
      "unknown-version",
      "The link is of a version that is not known here.",
    );
  }
  const secret = fromBase64Url(fragment.slice(VERSION.length));
  if (secret?.length !== INVITATION_SECRET_BYTES) {
    throw new InvitationError("malformed-secret", "The link was cut off or altered.");
  }
  return deriveInvitation(secret);
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new InvitationError("not-a-url", "This is not a link.");
  return url;
}
