import { Check, Link2, Settings } from "lucide-react";
import { useRef } from "react";
import { CONTROLS } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import { IconButton } from "./icon-button.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";
import { useStore } from "./use-store.ts";

/** What is needed now and then: the link and the settings. */
export function CallExtras({ session }: { session: CallSession }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const notices = useStore(session.notices);
  const copied = notices.some(({ notice }) => notice.kind === "link-copied");
  return (
    <div className="call-extras">
      <IconButton
        icon={copied ? Check : Link2}
        label={CONTROLS.copyLink}
        testId="copy-link"
        onClick={() => void session.copyLink()}
      />
      <IconButton
        icon={Settings}
        label={CONTROLS.settings}
        testId="settings"
        onClick={() => dialog.current?.showModal()}
      />
      <SettingsDialog ref={dialog} session={session} />
    </div>
  );
}
