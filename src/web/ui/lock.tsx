import { LockKeyhole } from "lucide-react";
import { useId } from "react";
import type { EncryptionState } from "../../client/call-state.ts";
import { LOCK, suiteText } from "../strings.ts";

/** Says that the call is sealed, and when asked, what that means and what it doesn't. */
export function Lock({ encryption }: { encryption: EncryptionState }) {
  const id = useId();
  const { epoch, members, cipherSuite } = encryption;
  return (
    <div className="call-lock">
      <button
        type="button"
        className="lock-button"
        popoverTarget={id}
        data-testid="lock"
        data-epoch={epoch ?? ""}
      >
        <LockKeyhole aria-hidden size={17} />
        <span className="lock-label">{epoch === null ? LOCK.pending : LOCK.label}</span>
      </button>
      <div id={id} popover="auto" className="card lock-popover" data-testid="lock-popover">
        <h2>{LOCK.label}</h2>
        <p>{LOCK.means}</p>
        <dl className="facts">
          <div>
            <dt>{LOCK.holders}</dt>
            <dd data-testid="key-holders">{members}</dd>
          </div>
          <div>
            <dt>{LOCK.epoch}</dt>
            <dd data-testid="epoch">{epoch ?? "–"}</dd>
          </div>
          <div>
            <dt>{LOCK.suite}</dt>
            <dd>{suiteText(cipherSuite)}</dd>
          </div>
        </dl>
        <p className="hint">{LOCK.epochHint}</p>
        <p className="hint">{LOCK.honest}</p>
      </div>
    </div>
  );
}
