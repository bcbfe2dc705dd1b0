import { Hand, ShieldCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { RemoteParticipant } from "../../client/call-state.ts";
import { CALL, PEOPLE, PRESENCE } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import type { Standing } from "../state/known-people.ts";
import { KickButton } from "./kick-button.tsx";
import { LockSwitch } from "./lock-switch.tsx";
import { SafetyNumber } from "./safety-number.tsx";
import { SidePanelView } from "./side-panel-view.tsx";
import { useStore } from "./use-store.ts";

/** Everybody who holds keys, raised hands first, and how to make sure of them. */
export function PeoplePanel({ session }: { session: CallSession }) {
  const { participants, self, conversation, locked } = useStore(session.call);
  useStore(session.people);
  const placeOf = (id: string) => conversation.raisedHands.indexOf(id) + 1 || Infinity;
  const ordered = participants.toSorted(
    (a, b) => placeOf(a.participantId) - placeOf(b.participantId) || 0,
  );
  return (
    <SidePanelView
      title={`${PEOPLE.title} (${participants.length + 1})`}
      testId="people-panel"
      onClose={() => {
        session.panel.close();
      }}
    >
      <LockSwitch session={session} locked={locked} />
      <ul className="people-list">
        <li className="person" data-testid="person" data-self>
          <div className="person-line">
            <bdi className="person-name">{self.name}</bdi>
            <span className="person-what">{PEOPLE.you}</span>
            {self.handRaised && <RaisedHand place={placeOf(self.participantId)} />}
          </div>
        </li>
        {ordered.map((participant) => (
          <Person
            key={participant.participantId}
            session={session}
            participant={participant}
            place={placeOf(participant.participantId)}
          />
        ))}
      </ul>
    </SidePanelView>
  );
}

interface PersonProps {
  session: CallSession;
  participant: RemoteParticipant;
  place: number;
}

function Person({ session, participant, place }: PersonProps) {
  const [open, setOpen] = useState(false);
  const { participantId, name, presence, identity, handRaised } = participant;
  const standing = session.people.standingOf(name, identity);
  return (
    <li className="person" data-testid="person" data-name={name} data-standing={standing}>
      <div className="person-line">
        <StandingMark standing={standing} />
        <bdi className="person-name">{name || CALL.someone}</bdi>
        {presence !== "present" && <span className="person-what">{PRESENCE[presence].title}</span>}
        {handRaised && <RaisedHand place={place} />}
        <button
          type="button"
          className="button small"
          aria-expanded={open}
          aria-label={`${PEOPLE.verify}: ${name || CALL.someone}`}
          data-testid="verify"
          disabled={identity === null}
          onClick={() => {
            setOpen(!open);
          }}
        >
          {PEOPLE.verify}
        </button>
        {presence !== "joining" && <KickButton session={session} participant={participant} />}
      </div>
      {standing === "changed" && <p className="problem">{PEOPLE.changedHelp(name)}</p>}
      {open && identity !== null && (
        <SafetyNumber
          key={identity.key}
          session={session}
          participantId={participantId}
          name={name}
          identity={identity}
          standing={standing}
        />
      )}
    </li>
  );
}

function StandingMark({ standing }: { standing: Standing }) {
  if (standing === "unknown") return null;
  const [Icon, text] =
    standing === "verified"
      ? ([ShieldCheck, PEOPLE.verified] as const)
      : ([TriangleAlert, PEOPLE.changed] as const);
  return (
    <span className={`standing ${standing}`} title={text}>
      <Icon aria-hidden size={17} />
      <span className="visually-hidden">{text}</span>
    </span>
  );
}

function RaisedHand({ place }: { place: number }) {
  return (
    <span className="hand-mark">
      <Hand aria-hidden size={15} />
      <span aria-hidden>{place}</span>
      <span className="visually-hidden">{CALL.handPlace(place)}</span>
    </span>
  );
}
