import { Hand, SmilePlus } from "lucide-react";
import { useId, useRef } from "react";
import { CONTROLS, REACTIONS } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import { useStore } from "./use-store.ts";

/** Signs that need no word. The browser's popover closes on Escape and on a click elsewhere. */
export function ReactionMenu({ session }: { session: CallSession }) {
  const id = useId();
  const popover = useRef<HTMLDivElement>(null);
  const { self } = useStore(session.call);
  const choose = (act: () => Promise<boolean>) => {
    popover.current?.hidePopover();
    void act();
  };
  return (
    <>
      <button
        type="button"
        className="icon-button tone-plain"
        aria-label={CONTROLS.react}
        data-tip={CONTROLS.react}
        data-testid="react"
        popoverTarget={id}
      >
        <SmilePlus aria-hidden size={22} />
      </button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        className="card reaction-menu"
        data-testid="reaction-menu"
      >
        <div className="reactions">
          {REACTIONS.map(([emoji, name]) => (
            <button
              key={emoji}
              type="button"
              className="reaction-choice"
              aria-label={name}
              data-testid={`reaction-${emoji}`}
              onClick={() => {
                choose(() => session.react(emoji));
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
        <button
          type="button"
          className="button"
          data-testid="toggle-hand-in-menu"
          onClick={() => {
            choose(() => session.toggleHand());
          }}
        >
          <Hand aria-hidden size={18} />
          {self.handRaised ? CONTROLS.lowerHand : CONTROLS.raiseHand}
        </button>
      </div>
    </>
  );
}
