import { SendHorizontal } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import type { ChatMessage } from "../../client/conversation/conversation-state.ts";
import { CALL, CHAT } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import { findLinks } from "../state/links.ts";
import { SidePanelView } from "./side-panel-view.tsx";
import { useStore } from "./use-store.ts";

const TEXT_MAX = 2_000;
/** So close to the end, in CSS pixels, somebody is reading the latest. */
const NEAR_END = 80;

/** What was written, and a field to write. */
export function ChatPanel({ session }: { session: CallSession }) {
  const { conversation, self } = useStore(session.call);
  return (
    <SidePanelView
      title={CHAT.title}
      testId="chat-panel"
      onClose={() => {
        session.panel.close();
      }}
    >
      <Messages messages={conversation.chat} self={self.participantId} />
      <Compose session={session} />
    </SidePanelView>
  );
}

function Messages({ messages, self }: { messages: readonly ChatMessage[]; self: string }) {
  const list = useRef<HTMLDivElement>(null);
  const readsEnd = useRef(true);
  useLayoutEffect(() => {
    // Who reads further up stays there.
    if (messages.length > 0 && readsEnd.current) {
      list.current?.scrollTo({ top: list.current.scrollHeight });
    }
  }, [messages]);
  return (
    <div
      ref={list}
      className="chat-list"
      role="log"
      aria-live="polite"
      aria-label={CHAT.title}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      data-testid="chat-list"
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        readsEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
      }}
    >
      <p className="hint">{CHAT.privacy}</p>
      {messages.length === 0 && <p className="chat-empty">{CHAT.empty}</p>}
      {messages.map((message, index) => (
        <Message
          key={message.id}
          message={message}
          isOwn={message.participantId === self}
          follows={messages[index - 1]?.participantId === message.participantId}
        />
      ))}
    </div>
  );
}

interface MessageProps {
  message: ChatMessage;
  isOwn: boolean;
  follows: boolean;
}

function Message({ message, isOwn, follows }: MessageProps) {
  const time = new Date(message.atMs);
  return (
    <div
      className={`chat-message${isOwn ? " own" : ""}${follows ? " follows" : ""}`}
      data-testid="chat-message"
    >
      <p className={follows ? "visually-hidden" : "chat-head"}>
        <bdi className="chat-name">{isOwn ? CHAT.you : message.name || CALL.someone}</bdi>{" "}
        <time dateTime={time.toISOString()}>
          {time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}
        </time>
      </p>
      <p className="chat-text" dir="auto" data-testid="chat-text">
        {findLinks(message.text).map((piece, index) =>
          piece.kind === "text" ? (
            piece.text
          ) : (
            <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer">
              {piece.text}
            </a>
          ),
        )}
      </p>
    </div>
  );
}

function Compose({ session }: { session: CallSession }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  useEffect(() => field.current?.focus(), []);
  const send = async () => {
    if (sending || text.trim() === "") return;
    setSending(true);
    // What could not be sent stays in the field.
    if (await session.sendChat(text)) setText("");
    setSending(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While letters are composed of several keys, Enter ends that and no message.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      className="chat-compose"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={field}
        className="field"
        rows={2}
        maxLength={TEXT_MAX}
        aria-label={CHAT.field}
        placeholder={CHAT.placeholder}
        dir="auto"
        data-testid="chat-field"
        value={text}
        readOnly={sending}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      <button
        type="submit"
        className="icon-button tone-active"
        aria-label={CHAT.send}
        data-testid="chat-send"
        disabled={text.trim() === ""}
      >
        <SendHorizontal aria-hidden size={20} />
      </button>
    </form>
  );
}
