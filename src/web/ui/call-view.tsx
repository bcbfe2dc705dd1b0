import { useEffect, useMemo, useRef } from "react";
import { CALL, TITLES } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import { tilesOf } from "../state/tiles.ts";
import { ChatPanel } from "./chat-panel.tsx";
import { CallBanners } from "./call-banners.tsx";
import { CallControls } from "./call-controls.tsx";
import { CallExtras } from "./call-extras.tsx";
import { InviteCard } from "./invite-card.tsx";
import { Lock } from "./lock.tsx";
import { NoticeList } from "./notice-list.tsx";
import { PeoplePanel } from "./people-panel.tsx";
import { ReactionNews } from "./reaction-news.tsx";
import { Stage } from "./stage.tsx";
import { useDocumentTitle } from "./use-document-title.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import { useStore } from "./use-store.ts";

/** The call itself. */
export function CallView({ session }: { session: CallSession }) {
  const state = useStore(session.call);
  const { shortcuts } = useStore(session.preferences);
  const { microphone } = useStore(session.media);
  const { open } = useStore(session.panel);
  const heading = useRef<HTMLHeadingElement>(null);
  const tiles = useMemo(() => tilesOf(state), [state]);
  useShortcuts(session, shortcuts);
  useDocumentTitle(
    state.phase === "reconnecting"
      ? TITLES.reconnecting
      : TITLES.call(tiles.people.length, !microphone.wanted),
  );
  // The join button is gone; from here the keys act on the call, and Tab leads into it.
  useEffect(() => heading.current?.focus(), []);
  return (
    <main
      className={open === null ? "call dark" : "call dark with-panel"}
      data-testid="call"
      data-phase={state.phase}
    >
      <h1 ref={heading} tabIndex={-1} className="visually-hidden">
        {CALL.title}
      </h1>
      <Lock encryption={state.encryption} />
      <div className="call-stage">
        <Stage session={session} tiles={tiles} state={state} />
        {state.participants.length === 0 && <InviteCard session={session} />}
        <CallBanners session={session} phase={state.phase} />
        <NoticeList notices={session.notices} />
        <ReactionNews reactions={state.conversation.reactions} />
      </div>
      {open === "chat" && <ChatPanel session={session} />}
      {open === "people" && <PeoplePanel session={session} />}
      <CallControls session={session} />
      <CallExtras session={session} />
    </main>
  );
}
