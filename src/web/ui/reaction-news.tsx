import type { Reaction } from "../../client/conversation/conversation-state.ts";
import { CALL } from "../strings.ts";

/** Reads out what the tiles show for a moment. */
export function ReactionNews({ reactions }: { reactions: readonly Reaction[] }) {
  return (
    <div className="visually-hidden" aria-live="polite">
      {reactions.map(({ id, name, emoji }) => (
        <p key={id}>{CALL.reacted(name || CALL.someone, emoji)}</p>
      ))}
    </div>
  );
}
