import { Link2 } from "lucide-react";
import { CALL, CONTROLS } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";

/** For who is alone: how the others come in. */
export function InviteCard({ session }: { session: CallSession }) {
  return (
    <aside className="card invite" data-testid="invite">
      <h2>{CALL.alone}</h2>
      <p>{CALL.aloneHint}</p>
      <button
        type="button"
        className="button primary"
        data-testid="invite-copy"
        onClick={() => void session.copyLink()}
      >
        <Link2 aria-hidden size={18} />
        {CONTROLS.copyLink}
      </button>
    </aside>
  );
}
