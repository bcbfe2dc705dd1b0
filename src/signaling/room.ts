import type {
  NotificationName,
  NotificationPayload,
  ParticipantId,
  ParticipantSnapshot,
  RoomId,
} from "../protocol/index.ts";
import type { Broadcast } from "./connection.ts";
import type { GroupInfoBroker } from "./group-info-broker.ts";
import type { JoinQueue } from "./join-queue.ts";
import type { Participant } from "./participant.ts";
import type { RoomGroup } from "./room-group.ts";

/** Who is in a room, and what they are told of each other. */
export class Room {
  readonly id: RoomId;
  readonly group: RoomGroup;
  readonly groupInfo: GroupInfoBroker;
  readonly newcomers: JoinQueue;
  readonly #broadcast: Broadcast;
  readonly #participants: Map<ParticipantId, Participant>;

  /** `participants` is shared with the broker and the queue, which ask and tell them. */
  constructor(
    id: RoomId,
    participants: Map<ParticipantId, Participant>,
    group: RoomGroup,
    groupInfo: GroupInfoBroker,
    newcomers: JoinQueue,
    broadcast: Broadcast,
  ) {
    this.id = id;
    this.#participants = participants;
    this.group = group;
    this.groupInfo = groupInfo;
    this.newcomers = newcomers;
    this.#broadcast = broadcast;
  }

  get size(): number {
    return this.#participants.size;
  }

  participant(id: ParticipantId): Participant | undefined {
    return this.#participants.get(id);
  }

  participants(): readonly Participant[] {
    return [...this.#participants.values()];
  }

  /** All but one. */
  snapshotFor(participantId: ParticipantId): ParticipantSnapshot[] {
    return this.participants()
      .filter(({ id }) => id !== participantId)
      .map(({ snapshot }) => snapshot);
  }

  add(participant: Participant): void {
    this.#participants.set(participant.id, participant);
    this.#tellOfMedia(participant);
  }

  remove(participant: Participant): void {
    this.#participants.delete(participant.id);
    this.newcomers.withdraw(participant.id);
    this.forgetMember(participant.id);
    participant.close();
  }

  /** The participant does not hold the group any more; with its last member the group is over. */
  forgetMember(participantId: ParticipantId): void {
    this.group.forget(participantId);
    if (this.group.epoch !== null) return;
    this.groupInfo.drop();
    this.newcomers.close();
  }

  /** Tells everybody who is connected, but `except`. */
  tell<Name extends NotificationName>(
    name: Name,
    payload: NotificationPayload<Name>,
    except?: Participant,
  ): void {
    this.#broadcast(this.id, name, payload, except?.connection?.id);
  }

  /** The room is over. */
  close(): void {
    this.group.close();
    this.groupInfo.drop();
    this.newcomers.close();
  }

  #tellOfMedia(participant: Participant): void {
    const { id: participantId, media } = participant;
    media.events.on("producer:opened", (producer) => {
      this.tell("producer:opened", { participantId, producer }, participant);
    });
    for (const name of ["producer:paused", "producer:resumed", "producer:closed"] as const) {
      media.events.on(name, ({ producerId }) => {
        this.tell(name, { participantId, producerId }, participant);
      });
    }
    media.events.on("producer:layers", (event) => {
      participant.connection?.notify("producer:layers", event);
    });
    media.events.on("consumer:closed", (event) => {
      participant.connection?.notify("consumer:closed", event);
    });
    media.events.on("consumer:layers", (event) => {
      participant.connection?.notify("consumer:layers", event);
    });
    media.events.on("transport:closed", (event) => {
      participant.connection?.notify("transport:closed", event);
    });
  }
}
