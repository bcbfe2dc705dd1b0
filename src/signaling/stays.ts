import type { Clock } from "../lib/clock.ts";
import type { ClientRequestInput, ClientRequestOutput } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { Participant } from "./participant.ts";
import type { Room } from "./room.ts";
import type { RoomRegistry } from "./room-registry.ts";
import type { Session } from "./session.ts";
import type { SignalingMetrics } from "./signaling-metrics.ts";
import type { SignalingOptions } from "./signaling-options.ts";

export interface StaysContext {
  readonly registry: RoomRegistry;
  readonly options: Pick<SignalingOptions, "resumeGraceMs">;
  readonly clock: Clock;
  readonly metrics: SignalingMetrics;
}

/** How a stay in a room begins, outlives a lost connection, and ends. All of it is synchronous. */
export class Stays {
  readonly #context: StaysContext;
  /** The session that speaks for a participant now. */
  readonly #sessions = new Map<Participant, Session>();
  #draining = false;

  constructor(context: StaysContext) {
    this.#context = context;
  }

  /**
   * Nothing may come between the entry and the answer: what happens after the snapshot was taken
   * is told to the client, and it can place it only if it has the snapshot.
   */
  join(session: Session, input: ClientRequestInput<"room:join">): ClientRequestOutput<"room:join"> {
    if (session.joined) throw new ProtocolError("already-joined");
    if (this.#draining) throw new ProtocolError("server-closing");
    const room = this.#context.registry.get(input.roomId);
    const present = room?.participant(input.participantId);
    const place =
      room !== undefined && present !== undefined
        ? this.#resume(session, room, present, input.resumeToken)
        : this.#begin(session, input);
    if (input.group !== undefined) place.room.group.claim(place.participant.id, input.group);
    return {
      resumeToken: place.participant.resumeToken,
      resumed: present !== undefined,
      participants: place.room.snapshotFor(place.participant.id),
      producers: place.participant.media.producers.snapshot,
      group: place.room.group.position,
    };
  }

  leave(session: Session): void {
    const place = session.leave();
    if (place === undefined) throw new ProtocolError("not-joined");
    session.connection.leaveRoom(place.room.id);
    this.#end(place.room, place.participant, "left");
  }

  /** The participant has some time to come back on another connection. */
  connectionLost(session: Session): void {
    const place = session.leave();
    if (place === undefined) return;
    const { room, participant } = place;
    this.#sessions.delete(participant);
    const { clock, options } = this.#context;
    participant.detach(
      clock.after(options.resumeGraceMs, () => {
        this.#end(room, participant, "lost");
      }),
    );
    participant.logger.info("connection lost");
    room.tell("participant:connection", { participantId: participant.id, connected: false });
  }

  /** Refuses everybody who comes from now on. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends all stays without telling anybody, since everybody goes. */
  close(): void {
    this.drain();
    for (const session of [...this.#sessions.values()]) session.leave();
    this.#sessions.clear();
    const { registry } = this.#context;
    for (const room of registry.rooms()) {
      for (const participant of room.participants()) {
        registry.leave(room, participant, "server-closed");
      }
    }
  }

  #begin(session: Session, { roomId, participantId }: ClientRequestInput<"room:join">) {
    const { room, participant } = this.#context.registry.enter(
      roomId,
      participantId,
      session.connection.address,
    );
    this.#seat(session, room, participant);
    room.tell("participant:joined", { participant: participant.snapshot }, participant);
    return { room, participant };
  }

  #resume(session: Session, room: Room, participant: Participant, token: string | undefined) {
    if (token === undefined) throw new ProtocolError("participant-exists");
    if (!participant.mayResume(token)) throw new ProtocolError("resume-refused");
    // The client may be back before the server has noticed that the old connection is dead.
    const former = this.#sessions.get(participant);
    former?.leave();
    former?.connection.leaveRoom(room.id);
    const wasConnected = former !== undefined;
    this.#seat(session, room, participant);
    former?.connection.close();
    this.#context.metrics.participantResumed();
    participant.logger.info("participant resumed");
    if (!wasConnected) {
      const { id: participantId } = participant;
      room.tell("participant:connection", { participantId, connected: true }, participant);
    }
    return { room, participant };
  }

  #seat(session: Session, room: Room, participant: Participant): void {
    participant.attach(session.connection);
    session.enter(room, participant);
    session.connection.enterRoom(room.id);
    this.#sessions.set(participant, session);
  }

  #end(room: Room, participant: Participant, reason: "left" | "lost"): void {
    this.#sessions.delete(participant);
    this.#context.registry.leave(room, participant, reason);
    room.tell("participant:left", { participantId: participant.id, reason });
  }
}
