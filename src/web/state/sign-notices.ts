import type { CallState } from "../../client/call-state.ts";
import type { ParticipantId } from "../../protocol/index.ts";
import type { KnownPeople } from "./known-people.ts";
import type { Notice } from "./notices.ts";

/** Tells once of each hand that goes up, and of each known name that comes with another key. */
export class SignNotices {
  readonly #people: KnownPeople;
  #raised: ReadonlySet<ParticipantId>;
  readonly #warned = new Set<string>();

  constructor(people: KnownPeople, { conversation }: CallState) {
    this.#people = people;
    this.#raised = new Set(conversation.raisedHands);
  }

  update({ participants, conversation }: CallState): readonly Notice[] {
    const before = this.#raised;
    this.#raised = new Set(conversation.raisedHands);
    return participants.flatMap(({ participantId, name, identity }): Notice[] => {
      const notices: Notice[] = [];
      if (this.#raised.has(participantId) && !before.has(participantId)) {
        notices.push({ kind: "hand-raised", name });
      }
      const changed = this.#people.standingOf(name, identity) === "changed";
      const what = `${participantId} ${identity?.key ?? ""}`;
      if (changed && !this.#warned.has(what)) {
        this.#warned.add(what);
        notices.push({ kind: "identity-changed", name });
      }
      return notices;
    });
  }
}
