import type {
  MediaSource,
  ParticipantId,
  ParticipantSnapshot,
  ProducerId,
} from "../protocol/index.ts";
import type { SignalingConnection } from "./connection/signaling-connection.ts";
import type { Announced } from "./media/remote-streams.ts";
import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";

interface KnownParticipant {
  connected: boolean;
  readonly producers: Map<ProducerId, { source: MediaSource; paused: boolean }>;
}

export interface RoomRosterEvents {
  "roster:changed": undefined;
}

/**
 * Who is in the room and sends what, by the server's word. It decides what to ask the SFU for and
 * whom to shut out of the group. It never decides who may hear: that is the group's roster.
 */
export class RoomRoster {
  readonly events = new Emitter<RoomRosterEvents>();
  readonly #self: ParticipantId;
  readonly #scope = new Scope("room roster");
  #participants = new Map<ParticipantId, KnownParticipant>();
  readonly #left = new Set<ParticipantId>();

  constructor(connection: SignalingConnection, self: ParticipantId) {
    this.#self = self;
    this.#listen(connection);
  }

  /** Everybody in the room but this participant. */
  get present(): ReadonlySet<ParticipantId> {
    return new Set(this.#participants.keys());
  }

  /** Those who have said goodbye, or whom the server gave up on. */
  get left(): ReadonlySet<ParticipantId> {
    return this.#left;
  }

  get announced(): readonly Announced[] {
    return [...this.#participants].flatMap(([participantId, { producers }]) =>
      [...producers].map(([producerId, { source }]) => ({ participantId, producerId, source })),
    );
  }

  isConnected(participantId: ParticipantId): boolean {
    return this.#participants.get(participantId)?.connected ?? false;
  }

  isMuted(producerId: ProducerId): boolean {
    for (const { producers } of this.#participants.values()) {
      const producer = producers.get(producerId);
      if (producer !== undefined) return producer.paused;
    }
    return false;
  }

  /** The whole truth, after joining or coming back. */
  reset(snapshot: readonly ParticipantSnapshot[]): void {
    this.#participants = new Map();
    for (const participant of snapshot) this.#add(participant);
    this.#change();
  }

  /** Farewells matter only as long as somebody holds keys. */
  forgetLeft(members: ReadonlySet<ParticipantId>): void {
    for (const id of this.#left) if (!members.has(id)) this.#left.delete(id);
  }

  close(): void {
    this.#scope.end("closed");
    this.events.removeAllListeners();
  }

  #add({ participantId, connected, producers }: ParticipantSnapshot): void {
    if (participantId === this.#self) return;
    this.#left.delete(participantId);
    this.#participants.set(participantId, {
      connected,
      producers: new Map(producers.map(({ producerId, ...producer }) => [producerId, producer])),
    });
  }

  #listen({ notifications }: SignalingConnection): void {
    const listen = (remove: () => void) => {
      this.#scope.add(remove);
    };
    listen(
      notifications.on("participant:joined", ({ participant }) => {
        this.#add(participant);
        this.#change();
      }),
    );
    listen(
      notifications.on("participant:left", ({ participantId }) => {
        this.#participants.delete(participantId);
        this.#left.add(participantId);
        this.#change();
      }),
    );
    listen(
      notifications.on("participant:connection", ({ participantId, connected }) => {
        this.#update(participantId, (participant) => {
          participant.connected = connected;
        });
      }),
    );
    listen(
      notifications.on("producer:opened", ({ participantId, producer }) => {
        const { producerId, source, paused } = producer;
        this.#update(participantId, ({ producers }) => {
          producers.set(producerId, { source, paused });
        });
      }),
    );
    listen(
      notifications.on("producer:closed", ({ participantId, producerId }) => {
        this.#update(participantId, ({ producers }) => {
          producers.delete(producerId);
        });
      }),
    );
    for (const name of ["producer:paused", "producer:resumed"] as const) {
      listen(
        notifications.on(name, ({ participantId, producerId }) => {
          this.#update(participantId, ({ producers }) => {
            const producer = producers.get(producerId);
            if (producer !== undefined) producer.paused = name === "producer:paused";
          });
        }),
      );
    }
  }

  #update(participantId: ParticipantId, change: (participant: KnownParticipant) => void): void {
    const participant = this.#participants.get(participantId);
    if (participant === undefined) return;
    change(participant);
    this.#change();
  }

  #change(): void {
    this.events.emit("roster:changed", undefined);
  }
}
