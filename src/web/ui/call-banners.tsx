import { LoaderCircle, MonitorUp, Volume2 } from "lucide-react";
import type { CallPhase } from "../../client/call-state.ts";
import { CALL, CONTROLS } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import { useStore } from "./use-store.ts";

/** What stays true for a while and matters: no connection, no sound, a shared screen. */
export function CallBanners({ session, phase }: { session: CallSession; phase: CallPhase }) {
  const { blocked } = useStore(session.audio);
  const sharing = useStore(session.screenShare);
  return (
    <div className="banners" aria-live="polite">
      {phase === "reconnecting" && (
        <p className="banner warning" data-testid="reconnecting">
          <LoaderCircle aria-hidden size={18} className="spin" />
          {CALL.reconnecting}
        </p>
      )}
      {blocked && (
        <div className="banner">
          <Volume2 aria-hidden size={18} />
          {CALL.soundBlocked}
          <button
            type="button"
            className="button primary small"
            data-testid="unblock-sound"
            onClick={() => void session.audio.unblock()}
          >
            {CALL.hear}
          </button>
        </div>
      )}
      {sharing === "on" && (
        <div className="banner" data-testid="sharing">
          <MonitorUp aria-hidden size={18} />
          {CALL.sharing}
          <button
            type="button"
            className="button small"
            onClick={() => {
              session.act("screen");
            }}
          >
            {CONTROLS.stopSharing}
          </button>
        </div>
      )}
    </div>
  );
}
