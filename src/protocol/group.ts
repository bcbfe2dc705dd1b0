import { z } from "zod";
import { bytes } from "./bytes.ts";
import { participantId } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/** Number of an MLS epoch (RFC 9420 section 2). Bounded by what a JavaScript number holds exactly. */
export const epoch = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * A short hash of the secret state of one epoch, 16 bytes in base64url, by which members find out
 * whether they hold the same. It tells the server nothing (see docs/e2ee-group.md).
 */
export const epochTag = z
  .string()
  .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, "expected 16 bytes in base64url");
export type EpochTag = z.infer<typeof epochTag>;

/** Where a group stands. Equal epochs with different tags are two groups that must become one. */
export const groupPosition = z.strictObject({ epoch, tag: epochTag });
export type GroupPosition = z.infer<typeof groupPosition>;

export const commitBytes = bytes(LIMITS.commitBytes);
export const groupInfoBytes = bytes(LIMITS.groupInfoBytes);
export const keyPackageBytes = bytes(LIMITS.keyPackageBytes);
export const packedKeyPackages = bytes(LIMITS.packedKeyPackagesBytes);
export const welcomeBytes = bytes(LIMITS.welcomeBytes);
export const messageBytes = bytes(LIMITS.messageBytes);

/** A commit that the delivery service accepted: `epoch` and `tag` are those that it begins. */
export const committed = z.strictObject({
  epoch,
  tag: epochTag,
  participantId,
  commit: commitBytes,
});
export type Committed = z.infer<typeof committed>;
