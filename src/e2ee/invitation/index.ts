export type { Invitation, Signatures } from "./invitation.ts";
export { createInvitation } from "./invitation.ts";
export type { InvitationErrorCode } from "./invitation-error.ts";
export { InvitationError } from "./invitation-error.ts";
export { invitationLink, parseInvitationLink } from "./invitation-link.ts";
