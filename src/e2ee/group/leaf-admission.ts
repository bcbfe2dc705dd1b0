import { equalBytes } from "./equal-bytes.ts";
import type { Admission } from "./leaf-identity.ts";
import { readLeafIdentity, verifyLeafIdentity } from "./leaf-identity.ts";
import type { GroupMember } from "./roster.ts";

export interface LeafClaim {
  readonly leafIndex: number;
  readonly identity: Uint8Array;
  readonly signatureKey: Uint8Array;
}

/** Who may be in the tree. */
export interface LeafAdmission {
  /** The participant whose leaf it is, or undefined when it has no place there. */
  admits(claim: LeafClaim): string | undefined;
}

/** Whoever proves that they hold the present link. */
export function byProof(admission: Admission): LeafAdmission {
  return {
    admits: ({ identity, signatureKey }) => verifyLeafIdentity(identity, signatureKey, admission),
  };
}

/**
 * Those who were members before, with the same id and signature key, and whoever proves that they
 * hold the present link. A member whose proof was made with an earlier link stays.
 */
export function byMembership(members: readonly GroupMember[], admission: Admission): LeafAdmission {
  const known = new Map(members.map((member) => [member.participantId, member]));
  return {
    admits(claim) {
      const participantId = readLeafIdentity(claim.identity);
      const member = participantId === undefined ? undefined : known.get(participantId);
      if (member !== undefined && equalBytes(member.signatureKey, claim.signatureKey)) {
        return participantId;
      }
      return byProof(admission).admits(claim);
    },
  };
}

/** Every leaf of a tree for which somebody with the present link vouches. */
export const byVouch: LeafAdmission = {
  admits: ({ identity }) => readLeafIdentity(identity),
};
