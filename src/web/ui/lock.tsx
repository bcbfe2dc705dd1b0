import { LockKeyhole } from "lucide-react";
import { useId } from "react";
import type { EncryptionState } from "../../client/call-state.ts";
import { LOCK, suiteText } from "../strings.ts";
import { DigitGroups } from "./digit-groups.tsx";

/** Says that the call is sealed, and when asked, what that means and what it doesn't. */
export function Lock({ encryption }: { encryption: EncryptionState }) {
  const id = useId();
  const { epoch, members, cipherSuite, code } = encryption;
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
        <span className="lock-label short" aria-hidden>
          {LOCK.short}
        </span>
      </button>
      <div
        id={id}
        popover="auto"
        className="card lock-popover"
        data-testid="lock-popover"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
      >
        <h2>{LOCK.label}</h2>
        <p>{LOCK.means}</p>
        {code !== null && (
          <section className="epoch-code" aria-label={LOCK.code}>
            <h3>{LOCK.code}</h3>
            <ul className="code-emoji" data-testid="epoch-emoji">
              {code.emoji.map(({ emoji, name }, index) => (
                <li key={index}>
                  <span aria-hidden>{emoji}</span>
                  <span className="code-emoji-name">{name}</span>
                </li>
              ))}
            </ul>
            <DigitGroups digits={code.digits} testId="epoch-code" />
            <p className="hint">{LOCK.codeHelp}</p>
          </section>
        )}
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
