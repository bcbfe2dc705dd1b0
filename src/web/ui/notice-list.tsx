import { X } from "lucide-react";
import { CALL, noticeText } from "../strings.ts";
import type { Notices } from "../state/notices.ts";
import { useStore } from "./use-store.ts";

/** What just happened. A live region, so that it is also read out. */
export function NoticeList({ notices }: { notices: Notices }) {
  const shown = useStore(notices);
  return (
    <div className="notices" role="log" aria-live="polite" data-testid="notices">
      {shown.map(({ id, notice }) => (
        <p key={id} className="notice">
          <bdi>{noticeText(notice)}</bdi>
          <button
            type="button"
            className="notice-dismiss"
            aria-label={CALL.dismiss}
            onClick={() => {
              notices.dismiss(id);
            }}
          >
            <X aria-hidden size={16} />
          </button>
        </p>
      ))}
    </div>
  );
}
