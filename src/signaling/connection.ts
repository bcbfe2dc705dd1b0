import type {
  NotificationName,
  NotificationPayload,
  RoomId,
  ServerRequestInput,
  ServerRequestName,
  ServerRequestOutput,
} from "../protocol/index.ts";

/** A client that is connected now, as far as rooms and participants need to know it. */
export interface Connection {
  readonly id: string;
  /** Where it comes from. What limits count by, and nothing else. */
  readonly address: string;
  readonly closed: boolean;

  notify<Name extends NotificationName>(name: Name, payload: NotificationPayload<Name>): void;

  /** Rejects with what the client answered, `timed-out`, `bad-answer` or `disconnected`. */
  request<Name extends ServerRequestName>(
    name: Name,
    input: ServerRequestInput<Name>,
    timeoutMs: number,
  ): Promise<ServerRequestOutput<Name>>;

  /** From now on the connection gets what is told to the room. */
  enterRoom(roomId: RoomId): void;
  leaveRoom(roomId: RoomId): void;

  /** Throws `rate-limited` when the client has made the server send too much already. */
  spendAmplified(bytes: number): void;

  close(): void;
}

/** Tells all connections in a room, but the one with the id `exceptId`. */
export type Broadcast = <Name extends NotificationName>(
  roomId: RoomId,
  name: Name,
  payload: NotificationPayload<Name>,
  exceptId: string | undefined,
) => void;
