import { Check, Link2, MessageSquare, Settings, Users } from "lucide-react";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { CONTROLS } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import { IconButton } from "./icon-button.tsx";
import { SETTINGS_TITLE_ID, SettingsForm } from "./settings-form.tsx";
import { useStore } from "./use-store.ts";

/** What is needed now and then: chat, people, the link and the settings. */
export function CallExtras({ session }: { session: CallSession }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [settingsOpen, setSettingsOpen] = useState(false);
  const notices = useStore(session.notices);
  const { open, unread } = useStore(session.panel);
  const { shortcuts } = useStore(session.preferences);
  const copied = notices.some(({ notice }) => notice.kind === "link-copied");
  return (
    <div className="call-extras">
      <div className="badged">
        <IconButton
          icon={MessageSquare}
          label={unread === 0 ? CONTROLS.chat : CONTROLS.chatUnread(unread)}
          shortcut={shortcuts ? "C" : undefined}
          tone={open === "chat" ? "active" : "plain"}
          testId="toggle-chat"
          expanded={open === "chat"}
          onClick={() => {
            session.togglePanel("chat");
          }}
        />
        {unread > 0 && (
          <span className="badge" aria-hidden data-testid="unread">
            {unread > 99 ? "99+" : unread}
          </span>
        )}
      </div>
      <IconButton
        icon={Users}
        label={CONTROLS.people}
        tone={open === "people" ? "active" : "plain"}
        testId="toggle-people"
        expanded={open === "people"}
        onClick={() => {
          session.togglePanel("people");
        }}
      />
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
        onClick={() => {
          // The browser puts the focus on what is there when the dialog opens.
          flushSync(() => {
            setSettingsOpen(true);
          });
          dialog.current?.showModal();
        }}
      />
      <dialog
        ref={dialog}
        className="card settings"
        aria-labelledby={SETTINGS_TITLE_ID}
        onClose={() => {
          setSettingsOpen(false);
        }}
      >
        {settingsOpen && (
          <SettingsForm
            session={session}
            onDone={() => {
              dialog.current?.close();
            }}
          />
        )}
      </dialog>
    </div>
  );
}
