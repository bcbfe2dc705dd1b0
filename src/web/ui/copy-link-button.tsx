import { Check, Link2 } from "lucide-react";
import { useEffect, useState } from "react";
import { LOBBY, noticeText } from "../strings.ts";

type CopyState = "idle" | "copied" | "failed";
const SHOWN_MS = 2_500;

/** Copies the invitation, and says so where it was clicked. */
export function CopyLinkButton({ copy }: { copy: () => Promise<void> }) {
  const [state, setState] = useState<CopyState>("idle");
  useEffect(() => {
    if (state === "idle") return undefined;
    const timer = setTimeout(() => {
      setState("idle");
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [state]);
  return (
    <div className="copy-link" aria-live="polite">
      <button
        type="button"
        className="button quiet"
        data-testid="copy-link"
        onClick={() => {
          copy().then(
            () => {
              setState("copied");
            },
            () => {
              setState("failed");
            },
          );
        }}
      >
        {state === "copied" ? <Check aria-hidden size={18} /> : <Link2 aria-hidden size={18} />}
        {state === "copied" ? LOBBY.copied : LOBBY.copyLink}
      </button>
      {state === "failed" && <p className="problem">{noticeText({ kind: "link-not-copied" })}</p>}
    </div>
  );
}
