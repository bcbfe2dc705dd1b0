import type { EpochKeys } from "../../e2ee/frame/index.ts";
import type { CommitOutcome, GroupMember } from "../../e2ee/group/index.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import type { CallError } from "../call-error.ts";
import type { CallMessage } from "./call-messages.ts";

export interface EpochChange {
  readonly keys: EpochKeys;
  readonly members: readonly GroupMember[];
  /** 64 bytes, the same for all members of the epoch (RFC 9420 section 8.7). */
  readonly authenticator: Uint8Array;
  /** Nobody is let in. */
  readonly locked: boolean;
  /** Who began the epoch, and who came and went by it; undefined after an own join. */
  readonly outcome: CommitOutcome | undefined;
  /** The same, empty after an own join. */
  readonly joined: readonly ParticipantId[];
  readonly left: readonly ParticipantId[];
}

export interface GroupSessionEvents {
  /** Keys, and with them the roster, have changed. */
  "epoch:changed": EpochChange;
  "message:received": { from: ParticipantId; message: CallMessage };
  /** The group is lost and could not be joined again. */
  "group:failed": CallError;
}
