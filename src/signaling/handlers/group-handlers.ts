import type { ClientRequestInput, GroupPosition } from "../../protocol/index.ts";
import { ProtocolError } from "../../protocol/index.ts";
import type { Handlers } from "../bind.ts";
import { relay } from "../relay.ts";
import type { Room } from "../room.ts";
import type { Session } from "../session.ts";
import type { SignalingMetrics } from "../signaling-metrics.ts";

type GroupHandlers = Pick<Handlers<Session>, Extract<keyof Handlers<Session>, `group:${string}`>>;

/** The MLS delivery service (RFC 9750 section 5): it orders and hands on what it cannot read. */
export function groupHandlers(metrics: SignalingMetrics): GroupHandlers {
  return {
    "group:create"({ room, participant }, { tag }) {
      room.group.create(participant.id, tag);
      room.groupInfo.advance();
      room.tell("group:created", { participantId: participant.id }, participant);
      return { epoch: 0 };
    },

    /** Whoever asks does not hold the group, or no longer. */
    async "group:info"({ room, participant, connection }) {
      room.forgetMember(participant.id);
      if (room.group.epoch !== null) room.newcomers.arrive(participant.id);
      const info = await room.groupInfo.get(participant);
      connection.spendAmplified(info.groupInfo.byteLength);
      return info;
    },

    "group:commit"({ room, participant }, { epoch, tag, commit, welcome }) {
      try {
        const committed = room.group.commit(participant.id, { epoch, tag }, commit);
        room.groupInfo.advance();
        room.tell("group:committed", committed, participant);
        deliverWelcome(room, committed, welcome);
        metrics.commitAccepted(commit.byteLength);
        return { epoch: committed.epoch };
      } catch (error) {
        if (error instanceof ProtocolError && error.code === "stale-epoch") metrics.commitStale();
        throw error;
      }
    },

    /** Whoever proposes does not hold the group, or no longer. */
    "group:propose"({ room, participant }, { keyPackage }) {
      room.forgetMember(participant.id);
      if (room.group.epoch === null) throw new ProtocolError("group-missing");
      room.newcomers.propose(participant.id, keyPackage);
      return {};
    },

    "group:refuse"({ room, participant }, { epoch }) {
      const refused = room.group.refuse(participant.id, epoch);
      if (refused !== undefined) {
        room.groupInfo.drop();
        const { position } = room.group;
        if (position !== null) room.tell("group:rolled-back", position);
        metrics.commitRefused();
        const committer = room.participant(refused.participantId);
        committer?.logger.warn({ epoch }, "commit refused by the members");
        committer?.cutOff();
      }
      return {};
    },

    "group:commits"({ room, connection }, { fromEpoch }) {
      const answer = room.group.commitsSince(fromEpoch);
      const bytes = answer.commits.reduce((sum, { commit }) => sum + commit.byteLength, 0);
      connection.spendAmplified(bytes);
      return answer;
    },

    "group:send"(session, input) {
      relay(session, input, metrics);
      return {};
    },
  };
}

/** A Welcome goes to whom it is for, if they asked for it: nobody can be sent one unasked. */
function deliverWelcome(
  room: Room,
  { epoch, tag }: GroupPosition,
  welcome: ClientRequestInput<"group:commit">["welcome"],
): void {
  const admitted = room.newcomers.committed(welcome?.participantIds ?? []);
  if (welcome === undefined) return;
  room.group.admit(admitted);
  for (const participantId of admitted) {
    const connection = room.participant(participantId)?.connection;
    try {
      // As much as if they had asked for a GroupInfo.
      connection?.spendAmplified(welcome.welcome.byteLength);
      connection?.notify("group:welcome", { epoch, tag, welcome: welcome.welcome });
    } catch (error) {
      // They see that nothing comes, and ask again.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
}
