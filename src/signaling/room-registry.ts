import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../observability/index.ts";
import { loggableError, loggableId } from "../observability/index.ts";
import type { ParticipantId, RoomId } from "../protocol/index.ts";
import { packBytes, ProtocolError } from "../protocol/index.ts";
import { AddressCounter } from "./address-counter.ts";
import { ByteBudget } from "./byte-budget.ts";
import type { Broadcast } from "./connection.ts";
import { GroupInfoBroker } from "./group-info-broker.ts";
import { JoinQueue } from "./join-queue.ts";
import { MediaDirectory } from "./media-directory.ts";
import { Participant } from "./participant.ts";
import { ParticipantMedia } from "./participant-media.ts";
import type { SfuControl } from "./ports.ts";
import { Room } from "./room.ts";
import { RoomGroup } from "./room-group.ts";
import { SfuRooms } from "./sfu-rooms.ts";
import type { LeaveReason, SignalingMetrics } from "./signaling-metrics.ts";
import type { SignalingOptions } from "./signaling-options.ts";

export interface RoomRegistryContext {
  readonly sfu: SfuControl;
  readonly options: SignalingOptions;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: SignalingMetrics;
  readonly broadcast: Broadcast;
}

/** All rooms of this server. A room is there while somebody is in it, and forgotten with the last. */
export class RoomRegistry {
  readonly directory = new MediaDirectory();
  readonly #context: RoomRegistryContext;
  readonly #budget: ByteBudget;
  readonly #sfuRooms: SfuRooms;
  readonly #rooms = new Map<RoomId, Room>();
  readonly #stays = new AddressCounter();
  #participantCount = 0;

  constructor(context: RoomRegistryContext) {
    this.#context = context;
    this.#budget = new ByteBudget(context.options.keptGroupBytes);
    this.#sfuRooms = new SfuRooms(context.sfu);
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  get participantCount(): number {
    return this.#participantCount;
  }

  /** Bytes of commits, GroupInfos and KeyPackages that are kept. */
  get keptBytes(): number {
    return this.#budget.usedBytes;
  }

  get(roomId: RoomId): Room | undefined {
    return this.#rooms.get(roomId);
  }

  rooms(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  /**
   * Begins a stay. Throws `server-full`, `room-full`, or `rate-limited` when as many stays as an
   * address may have connections began there: one outlives its connection for a while, so that
   * somebody who connects and hangs up again and again could else fill the server.
   */
  enter(
    roomId: RoomId,
    participantId: ParticipantId,
    address: string,
  ): { room: Room; participant: Participant } {
    const { options, metrics, logger } = this.#context;
    const existing = this.#rooms.get(roomId);
    if (this.#participantCount >= options.participants) throw new ProtocolError("server-full");
    if (existing === undefined && this.#rooms.size >= options.rooms) {
      throw new ProtocolError("server-full");
    }
    if (existing !== undefined && existing.size >= options.participantsPerRoom) {
      throw new ProtocolError("room-full", `at most ${options.participantsPerRoom}`);
    }
    if (this.#stays.of(address) >= options.connectionsPerAddress) {
      throw new ProtocolError("rate-limited", "participants from this address");
    }
    const room = existing ?? this.#open(roomId);
    const participantLogger = logger.child({
      room: loggableId(roomId),
      participant: loggableId(participantId),
    });
    const media = this.#mediaOf(roomId, participantId, participantLogger);
    const participant = new Participant(
      participantId,
      media,
      participantLogger,
      this.#stays.add(address),
    );
    room.add(participant);
    this.#participantCount += 1;
    metrics.participantJoined();
    participantLogger.info({ participants: room.size }, "participant joined");
    return { room, participant };
  }

  /** Ends a stay, and with the last one the room. */
  leave(room: Room, participant: Participant, reason: LeaveReason): void {
    const { metrics, logger } = this.#context;
    if (room.participant(participant.id) !== participant) return;
    room.remove(participant);
    this.#participantCount -= 1;
    metrics.participantLeft(reason);
    participant.logger.info({ participants: room.size, reason }, "participant left");
    if (room.size > 0) return;
    this.#rooms.delete(room.id);
    room.close();
    metrics.roomClosed();
    logger.info({ room: loggableId(room.id) }, "room closed");
    void this.#sfuRooms.close(room.id, (error) => {
      logger.warn({ room: loggableId(room.id), error: loggableError(error) }, "room not closed");
    });
  }

  /** Resolves when the SFU has closed the rooms that are over. */
  settled(): Promise<void> {
    return this.#sfuRooms.settled();
  }

  #open(roomId: RoomId): Room {
    const { options, clock, metrics, broadcast, logger } = this.#context;
    const participants = new Map<ParticipantId, Participant>();
    const group = new RoomGroup(options, this.#budget);
    const ask = (participantId: ParticipantId) =>
      participants
        .get(participantId)
        ?.connection?.request("group:provide-info", {}, options.groupInfoTimeoutMs);
    const broker = new GroupInfoBroker(group, ask, options, this.#budget, clock);
    const tell = (participantId: ParticipantId, keyPackages: readonly Uint8Array[]) => {
      const connection = participants.get(participantId)?.connection;
      connection?.notify("group:admit", { keyPackages: packBytes(keyPackages) });
      return connection !== undefined;
    };
    const members = () => group.members;
    const newcomers = new JoinQueue(members, tell, options, this.#budget, clock);
    const room = new Room(roomId, participants, group, broker, newcomers, broadcast);
    this.#rooms.set(roomId, room);
    metrics.roomOpened();
    logger.info({ room: loggableId(roomId) }, "room opened");
    return room;
  }

  #mediaOf(roomId: RoomId, participantId: ParticipantId, logger: Logger): ParticipantMedia {
    return new ParticipantMedia({
      roomId,
      participantId,
      sfu: this.#context.sfu,
      sfuRooms: this.#sfuRooms,
      directory: this.directory,
      maxConsumers: this.#context.options.consumersPerParticipant,
      onError(error) {
        logger.warn({ error: loggableError(error) }, "media not closed");
      },
    });
  }
}
