import type { ChatMessage, Reaction } from "./conversation/conversation-state.ts";
import type { CommitOutcome } from "../e2ee/group/index.ts";
import type { ParticipantId } from "../protocol/index.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { ConversationEvents } from "./conversation/conversation.ts";
import type { DecryptionWatchEvents } from "./recovery/decryption-watch.ts";
import type { RepairStage } from "./recovery/key-repair.ts";
import type { TroubleRecord } from "./stream-troubles.ts";

/** What happens once in a call, for who wants more than the picture of `Call.state`. */
export interface CallEvents {
  /** Somebody else wrote. */
  "chat:received": ChatMessage;
  /** Somebody else sent a sign. */
  "reaction:received": Reaction;
  /** Frames of a stream cannot be opened. */
  "trouble:began": TroubleRecord;
  "trouble:ended": TroubleRecord;
  /** What is being done about missing keys. */
  "repair:changed": RepairStage;
  /** Somebody, perhaps this participant, shut another one out. */
  "participant:kicked": { readonly participantId: ParticipantId; readonly by: ParticipantId };
  /** Somebody, perhaps this participant, locked or unlocked the call. */
  "lock:changed": { readonly locked: boolean; readonly by: ParticipantId };
}

/** Tells what a commit did to the call besides its keys. */
export function tellOfAction(call: Emitter<CallEvents>, outcome: CommitOutcome): void {
  const { action, committer: by, left } = outcome;
  if (action === "kick") {
    for (const participantId of left) call.emit("participant:kicked", { participantId, by });
  } else if (action !== "none") {
    call.emit("lock:changed", { locked: action === "lock", by });
  }
}

/** Lets a call tell what its parts tell. */
export function passOn(
  call: Emitter<CallEvents>,
  conversation: Emitter<ConversationEvents>,
  watch: Emitter<DecryptionWatchEvents>,
): void {
  conversation.on("chat:received", (message) => {
    call.emit("chat:received", message);
  });
  conversation.on("reaction:received", (reaction) => {
    call.emit("reaction:received", reaction);
  });
  for (const name of ["trouble:began", "trouble:ended"] as const) {
    watch.on(name, (record) => {
      call.emit(name, record);
    });
  }
  watch.on("repair:changed", (stage) => {
    call.emit("repair:changed", stage);
  });
}
