import { LIMITS } from "../../protocol/limits.ts";

/** What comes from outside and exceeds these is refused before it is parsed. */
export const GROUP_LIMITS = {
  /** Leaves of the tree. Bounds the work that a hostile tree or commit can cause. */
  members: 1_024,
  /** The wire contract's bounds, so that nothing is made here that the service would refuse. */
  commitBytes: LIMITS.commitBytes,
  groupInfoBytes: LIMITS.groupInfoBytes,
  messageBytes: LIMITS.messageBytes,
  keyPackageBytes: LIMITS.keyPackageBytes,
  welcomeBytes: LIMITS.welcomeBytes,
  /** Content of one application message; the rest of `messageBytes` is padding and framing. */
  dataBytes: 49_152,
} as const;
