import { useEffect } from "react";
import type { CallSession } from "../state/call-session.ts";
import { shortcutAction, type FocusPlace } from "../state/shortcuts.ts";

/** Single keys act during the call, unless they are turned off. */
export function useShortcuts(session: CallSession, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return undefined;
    const ending = new AbortController();
    const { signal } = ending;
    window.addEventListener(
      "keydown",
      (event) => {
        const action = shortcutAction(event, focusPlace());
        if (action === null) return;
        event.preventDefault();
        session.act(action);
      },
      { signal },
    );
    window.addEventListener(
      "keyup",
      (event) => {
        if (event.key === " ") session.stopTalking();
      },
      { signal },
    );
    window.addEventListener(
      "blur",
      () => {
        session.stopTalking();
      },
      { signal },
    );
    return () => {
      ending.abort();
      session.stopTalking();
    };
  }, [session, enabled]);
}

function focusPlace(): FocusPlace {
  const focused = document.activeElement;
  if (focused?.closest("input, textarea, select, dialog, [contenteditable]")) return "typing";
  return focused?.closest("button, a, summary, [role=button]") ? "control" : "page";
}
