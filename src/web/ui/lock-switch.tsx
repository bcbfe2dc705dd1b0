import { useState } from "react";
import { PEOPLE } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";

/** Whether newcomers are let in. Everybody may turn it, and everybody is told who did. */
export function LockSwitch({ session, locked }: { session: CallSession; locked: boolean }) {
  const [busy, setBusy] = useState(false);
  return (
    <div className="lock-switch" data-testid="lock-state" data-locked={locked}>
      <p className="hint" aria-live="polite">
        {locked ? PEOPLE.locked : PEOPLE.lockHelp}
      </p>
      <button
        type="button"
        className="button small"
        data-testid="toggle-lock"
        disabled={busy}
        onClick={() => {
          setBusy(true);
          void session.setLocked(!locked).finally(() => {
            setBusy(false);
          });
        }}
      >
        {locked ? PEOPLE.unlock : PEOPLE.lock}
      </button>
    </div>
  );
}
