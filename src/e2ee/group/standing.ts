import type { Invitation } from "../invitation/invitation.ts";
import { renewInvitation } from "../invitation/invitation.ts";
import type { CallRules } from "./call-state.ts";
import { encodeCallState } from "./call-state.ts";
import type { CommitPlan } from "./commit-policy.ts";
import { exportSecret } from "./mls/application-data.ts";
import type { MlsState } from "./mls/state.ts";
import type { GroupMember } from "./roster.ts";

/** Where a member stands at one epoch. Immutable, but for the secrets that are overwritten. */
export interface Standing {
  readonly state: MlsState;
  readonly members: readonly GroupMember[];
  readonly rules: CallRules;
  /** The link that lets people in now. */
  readonly invitation: Invitation;
}

const ADMISSION_LABEL = "Aparte admission 1";
const ADMISSION_BYTES = 32;

/**
 * The standing after a commit. A kick makes the link void in the same step: the new one's secret
 * is exported from the epoch that it begins (RFC 9420 section 8.5), which whoever was kicked does
 * not reach, so that no message has to carry it and no moment lies between.
 */
export async function standingAfter(
  state: MlsState,
  { roster, rules, action }: Pick<CommitPlan, "roster" | "rules" | "action">,
  invitation: Invitation,
): Promise<Standing> {
  if (action !== "kick") return { state, members: roster, rules, invitation };
  const secret = await exportSecret(state, ADMISSION_LABEL, ADMISSION_BYTES);
  return { state, members: roster, rules, invitation: renewInvitation(invitation, secret) };
}

/** What a GroupInfo of this standing says of the call. */
export function callStateOf({ state, rules, invitation }: Standing): Uint8Array | undefined {
  return encodeCallState(rules, state.groupContext, invitation);
}
