import { z } from "zod";
import { bytes } from "./bytes.ts";
import { participantId } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/** Number of an MLS epoch (RFC 9420 section 2). Bounded by what a JavaScript number holds exactly. */
export const epoch = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const commitBytes = bytes(LIMITS.commitBytes);
export const groupInfoBytes = bytes(LIMITS.groupInfoBytes);
export const messageBytes = bytes(LIMITS.messageBytes);

/** A commit that the delivery service accepted: `epoch` is the one that it begins. */
export const committed = z.strictObject({ epoch, participantId, commit: commitBytes });
export type Committed = z.infer<typeof committed>;
