import type { Signatures } from "../e2ee/invitation/index.ts";
import {
  createInvitation,
  InvitationError,
  invitationLink,
  parseInvitationLink,
} from "../e2ee/invitation/index.ts";

export interface InvitationOptions {
  /**
   * `post-quantum` has everybody in the call sign by ML-DSA-87, which quantum computers cannot forge:
   * for at most 384 people, and 7 kB more for each on entering. What is said is safe from them either
   * way. The link says so, and everybody keeps to it.
   */
  readonly signatures?: Signatures;
}

/** The link to a new call on the server at `origin`. Whoever holds it may join; keep it as a secret. */
export function createInvitationLink(
  origin: string | URL,
  { signatures = "classical" }: InvitationOptions = {},
): string {
  return invitationLink(createInvitation(signatures), new URL(origin).origin);
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
