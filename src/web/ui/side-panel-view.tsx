import { X } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { CHAT } from "../strings.ts";

export interface SidePanelViewProps {
  title: string;
  testId: string;
  onClose: () => void;
  children: ReactNode;
}

/** What stands beside the pictures; on a phone it stands before them. Escape closes it. */
export function SidePanelView({ title, testId, onClose, children }: SidePanelViewProps) {
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const [before] = useState(() => document.activeElement);
  useEffect(() => {
    // A field within may have taken the focus already.
    if (panel.current?.contains(document.activeElement) !== true) heading.current?.focus();
    return () => {
      // Back to the button that opened it, unless somebody went elsewhere meanwhile.
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
    };
  }, [before]);
  useEffect(() => {
    const element = panel.current;
    const onKeyDown = ({ key, target }: KeyboardEvent) => {
      // A question within is closed by itself.
      const asks = target instanceof Element && target.closest("dialog") !== null;
      if (key === "Escape" && !asks) onClose();
    };
    element?.addEventListener("keydown", onKeyDown);
    return () => element?.removeEventListener("keydown", onKeyDown);
  }, [onClose]);
  return (
    <aside ref={panel} className="side-panel" aria-label={title} data-testid={testId}>
      <header className="side-panel-head">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button
          type="button"
          className="icon-button flat"
          aria-label={CHAT.close}
          data-testid="close-panel"
          onClick={onClose}
        >
          <X aria-hidden size={20} />
        </button>
      </header>
      {children}
    </aside>
  );
}
