import { refuse } from "./group-error.ts";

/**
 * What a member's commit does to the call beyond the tree. It stands in the commit's authenticated
 * data, which the committer signs and which the server can see: nothing, or version (1) ‖ action.
 */
export type CommitAction = "none" | "kick" | "lock" | "unlock";

const VERSION = 1;
const ACTIONS: readonly CommitAction[] = ["none", "kick", "lock", "unlock"];

export function encodeAction(action: CommitAction): Uint8Array {
  if (action === "none") return new Uint8Array();
  return Uint8Array.of(VERSION, ACTIONS.indexOf(action));
}

/** Throws `GroupError` (`refused`). */
export function decodeAction(bytes: Uint8Array): CommitAction {
  if (bytes.length === 0) return "none";
  const [version, code = 0] = bytes;
  const action = ACTIONS[code];
  if (bytes.length !== 2 || version !== VERSION || code === 0 || action === undefined) {
    return refuse("the commit asks for something unknown");
  }
  return action;
}
