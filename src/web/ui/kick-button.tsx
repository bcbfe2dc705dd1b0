import { UserX } from "lucide-react";
import { useId, useRef } from "react";
import type { RemoteParticipant } from "../../client/call-state.ts";
import { CALL, PEOPLE } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";

export interface KickButtonProps {
  session: CallSession;
  participant: RemoteParticipant;
}

/** Removes somebody, after a question: it can't be taken back. */
export function KickButton({ session, participant }: KickButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { participantId } = participant;
  const name = participant.name || CALL.someone;
  const close = () => dialog.current?.close();
  return (
    <>
      <button
        type="button"
        className="icon-button flat kick"
        aria-label={`${PEOPLE.kick}: ${name}`}
        title={PEOPLE.kick}
        data-testid="kick"
        onClick={() => dialog.current?.showModal()}
      >
        <UserX aria-hidden size={18} />
      </button>
      <dialog ref={dialog} className="card settings" aria-labelledby={titleId}>
        <h2 id={titleId}>{PEOPLE.kickTitle(name)}</h2>
        <p>{PEOPLE.kickHelp(name)}</p>
        <div className="dialog-buttons">
          <button type="button" className="button" data-testid="kick-cancel" onClick={close}>
            {PEOPLE.cancel}
          </button>
          <button
            type="button"
            className="button danger"
            data-testid="kick-confirm"
            onClick={() => {
              close();
              void session.kick(participantId);
            }}
          >
            {PEOPLE.kick}
          </button>
        </div>
      </dialog>
    </>
  );
}
