import { useEffect, useState } from "react";
import type { ParticipantIdentity } from "../../client/identity/identities.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import { CALL, PEOPLE } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import type { Standing } from "../state/known-people.ts";
import { DigitGroups } from "./digit-groups.tsx";

export interface SafetyNumberProps {
  session: CallSession;
  participantId: ParticipantId;
  name: string;
  identity: ParticipantIdentity;
  standing: Standing;
}

/** The number that two people compare, and the mark that they have done so. */
export function SafetyNumber(props: SafetyNumberProps) {
  const { session, participantId, name, identity, standing } = props;
  const [number, setNumber] = useState<string | null | undefined>();
  useEffect(() => {
    let shown = true;
    void session.safetyNumber(participantId).then((found) => {
      if (shown) setNumber(found);
    });
    return () => {
      shown = false;
    };
  }, [session, participantId]);
  const verified = standing === "verified";
  return (
    <div className="safety-number">
      <h3>{PEOPLE.numberTitle}</h3>
      {number === undefined && <p>{PEOPLE.numberPending}</p>}
      {number === null && <p>{PEOPLE.numberGone}</p>}
      {typeof number === "string" && <DigitGroups digits={number} testId="safety-number" />}
      <p className="hint">{PEOPLE.numberHelp(name || CALL.someone)}</p>
      <p className="hint">{identity.kept ? PEOPLE.kept : PEOPLE.passing}</p>
      <button
        type="button"
        className={verified ? "button small" : "button small primary"}
        data-testid="mark-verified"
        disabled={typeof number !== "string"}
        onClick={() => {
          session.people.setVerified(name, identity, !verified);
        }}
      >
        {verified ? PEOPLE.unmark : PEOPLE.mark}
      </button>
    </div>
  );
}
