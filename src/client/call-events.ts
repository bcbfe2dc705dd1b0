import type { ChatMessage, Reaction } from "./conversation/conversation-state.ts";
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
