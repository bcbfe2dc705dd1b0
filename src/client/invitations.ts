import {
  createInvitation,
  InvitationError,
  invitationLink,
  parseInvitationLink,
} from "../e2ee/invitation/index.ts";

/** The link to a new call on the server at `origin`. Whoever holds it may join; keep it as a secret. */
export function createInvitationLink(origin: string | URL): string {
  return invitationLink(createInvitation(), new URL(origin).origin);
}

/** Whether this is a whole link to a call. */
export function isInvitationLink(url: string | URL): boolean {
  try {
    parseInvitationLink(url);
    return true;
  } catch (error) {
    if (error instanceof InvitationError) return false;
    throw error;
  }
}
