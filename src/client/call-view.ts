import type { GroupMember } from "../e2ee/group/index.ts";
import type { EpochCode } from "../e2ee/verification/index.ts";
import type { MediaSource, ParticipantId } from "../protocol/index.ts";
import type {
  CallEnd,
  CallPhase,
  CallState,
  LocalStream,
  RemoteParticipant,
  RemoteStream,
  StreamTrouble,
} from "./call-state.ts";
import type { ConversationState } from "./conversation/conversation-state.ts";
import type { ParticipantIdentity } from "./identity/identities.ts";
import type { CallError } from "./call-error.ts";
import type { Incoming } from "./media/remote-streams.ts";
import type { RepairStage } from "./recovery/key-repair.ts";
import type { RoomRoster } from "./room-roster.ts";

/** Everything that a picture of the call is made from. */
export interface CallFacts {
  readonly phase: CallPhase;
  readonly end: CallEnd | null;
  readonly participantId: ParticipantId;
  readonly name: string;
  readonly localStreams: readonly LocalStream[];
  /** Who holds keys, by the MLS tree. */
  readonly members: readonly GroupMember[];
  readonly epoch: number | null;
  readonly locked: boolean;
  readonly cipherSuite: string;
  readonly roster: Pick<RoomRoster, "present" | "left" | "isConnected" | "isMuted">;
  readonly names: ReadonlyMap<ParticipantId, string>;
  readonly conversation: ConversationState;
  readonly code: EpochCode | null;
  readonly repair: RepairStage;
  readonly mediaConnected: boolean;
  readonly identity: (participantId: ParticipantId) => ParticipantIdentity | null;
  readonly incoming: readonly Incoming[];
  readonly speakers: ReadonlySet<ParticipantId>;
  readonly trouble: (participantId: ParticipantId, source: MediaSource) => StreamTrouble;
}

export function endOf(reason: CallError | undefined): CallEnd | null {
  return reason === undefined ? null : { code: reason.code, message: reason.message };
}

/** The next picture. Whatever looks as in `previous` is the same object as there. */
export function viewCall(facts: CallFacts, previous: CallState | undefined): CallState {
  const before = new Map(previous?.participants.map((each) => [each.participantId, each]));
  const participants = orderOf(facts).map((id) =>
    keep(before.get(id), viewParticipant(facts, id, before.get(id))),
  );
  const { participantId, name } = facts;
  const self = {
    participantId,
    name,
    speaking: facts.speakers.has(participantId),
    handRaised: facts.conversation.raisedHands.includes(participantId),
    identity: keepOrNull(previous?.self.identity, facts.identity(participantId)),
    streams: keepList(previous?.self.streams, facts.localStreams),
  };
  const { epoch, cipherSuite, code, repair, mediaConnected } = facts;
  const encryption = { epoch, members: facts.members.length, cipherSuite, code, repair };
  return {
    phase: facts.phase,
    end: facts.end,
    self: keep(previous?.self, self),
    participants: keepList(previous?.participants, participants),
    encryption: keep(previous?.encryption, encryption),
    conversation: keep(previous?.conversation, facts.conversation),
    locked: facts.locked,
    mediaConnected,
  };
}

/** The tree's order first, since it never changes for those who stay; then who is on the way in. */
function orderOf({ members, roster, participantId }: CallFacts): ParticipantId[] {
  const inTree = members.map((member) => member.participantId);
  const joining = [...roster.present].filter((id) => !inTree.includes(id));
  return [...inTree, ...joining].filter((id) => id !== participantId);
}

function viewParticipant(
  facts: CallFacts,
  participantId: ParticipantId,
  before: RemoteParticipant | undefined,
): RemoteParticipant {
  const streams = facts.incoming
    .filter((incoming) => incoming.participantId === participantId)
    .map((incoming): RemoteStream => {
      const { source, track, producerId } = incoming;
      const stream = {
        source,
        track,
        muted: facts.roster.isMuted(producerId),
        trouble: facts.trouble(participantId, source),
      };
      return keep(
        before?.streams.find((each) => each.source === source),
        stream,
      );
    });
  return {
    participantId,
    name: facts.names.get(participantId) ?? "",
    presence: presenceOf(facts, participantId),
    speaking: facts.speakers.has(participantId),
    handRaised: facts.conversation.raisedHands.includes(participantId),
    identity: keepOrNull(before?.identity, facts.identity(participantId)),
    streams: keepList(before?.streams, streams),
  };
}

function presenceOf(
  { members, roster }: CallFacts,
  participantId: ParticipantId,
): RemoteParticipant["presence"] {
  const holdsKeys = members.some((member) => member.participantId === participantId);
  if (!holdsKeys) return "joining";
  if (roster.left.has(participantId)) return "leaving";
  return roster.isConnected(participantId) ? "present" : "away";
}

function keep<Value extends object>(before: Value | undefined, after: Value): Value {
  if (before === undefined) return after;
  const same = Object.keys(after).every(
    (key) => Reflect.get(before, key) === Reflect.get(after, key),
  );
  return same ? before : after;
}

function keepOrNull<Value extends object>(
  before: Value | null | undefined,
  after: Value | null,
): Value | null {
  return after === null ? null : keep(before ?? undefined, after);
}

function keepList<Item extends object>(
  before: readonly Item[] | undefined,
  after: readonly Item[],
): readonly Item[] {
  if (before?.length !== after.length) return after;
  const kept = after.map((item, index) => keep(before[index], item));
  return kept.every((item, index) => item === before[index]) ? before : kept;
}
