import type { ClientRequestInput } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { Session } from "./session.ts";
import type { SignalingMetrics } from "./signaling-metrics.ts";

/**
 * Hands an application message on, to everybody else in the room or to one of them. At most once,
 * in the order of each sender: nothing is kept for whoever is not connected.
 */
export function relay(
  session: Session,
  { to, message }: ClientRequestInput<"group:send">,
  metrics: SignalingMetrics,
): void {
  const { room, participant, connection } = session;
  const payload = { participantId: participant.id, message };
  const recipients = to === null ? Math.max(1, room.size - 1) : 1;
  connection.spendAmplified(message.byteLength * recipients);
  if (to === null) {
    room.tell("group:received", payload, participant);
  } else {
    const recipient = room.participant(to);
    if (recipient === undefined) throw new ProtocolError("participant-not-found");
    recipient.connection?.notify("group:received", payload);
  }
  metrics.messageRelayed(message.byteLength, recipients);
}
