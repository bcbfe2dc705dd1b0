import { silentLogger } from "../../../src/observability/index.ts";
import type {
  ClientRequestInput,
  ClientRequestName,
  ClientRequestOutput,
} from "../../../src/protocol/index.ts";
import { ProtocolError } from "../../../src/protocol/index.ts";
import type { Handlers } from "../../../src/signaling/bind.ts";
import type { Connection } from "../../../src/signaling/connection.ts";
import { groupHandlers } from "../../../src/signaling/handlers/group-handlers.ts";
import { RoomRegistry } from "../../../src/signaling/room-registry.ts";
import { Session } from "../../../src/signaling/session.ts";
import { NO_METRICS } from "../../../src/signaling/signaling-metrics.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../../src/signaling/signaling-options.ts";
import { Stays } from "../../../src/signaling/stays.ts";
import { MemorySfu } from "../../support/signaling-sfu.ts";
import type { VirtualTime } from "./virtual-time.ts";

type Table = { readonly [Name in ClientRequestName]?: Handlers<Session>[Name] };

/** Signaling's own rooms, stays and delivery service, behind connections of the simulation's. */
export class SimServer {
  readonly #connections = new Map<string, Connection>();
  readonly #rooms = new Map<string, Set<string>>();
  readonly #stays: Stays;
  readonly #handlers: Table = {
    ...groupHandlers(NO_METRICS),
    "room:join": (session, input) => this.#stays.join(session, input),
    "room:leave": (session) => {
      this.#stays.leave(session);
      return {};
    },
  };

  constructor(clock: VirtualTime) {
    const registry = new RoomRegistry({
      sfu: new MemorySfu(),
      options: DEFAULT_SIGNALING_OPTIONS,
      logger: silentLogger,
      clock,
      metrics: NO_METRICS,
      broadcast: (roomId, name, payload, exceptId) => {
        for (const id of this.#rooms.get(roomId) ?? []) {
          if (id !== exceptId) this.#connections.get(id)?.notify(name, payload);
        }
      },
    });
    const metrics = NO_METRICS;
    this.#stays = new Stays({ registry, options: DEFAULT_SIGNALING_OPTIONS, clock, metrics });
  }

  connect(connection: Connection): Session {
    this.#connections.set(connection.id, connection);
    return new Session(connection);
  }

  disconnect(session: Session): void {
    const { id } = session.connection;
    this.#connections.delete(id);
    for (const room of this.#rooms.values()) room.delete(id);
    this.#stays.connectionLost(session);
  }

  enterRoom(roomId: string, connectionId: string): void {
    const room = this.#rooms.get(roomId) ?? new Set();
    this.#rooms.set(roomId, room.add(connectionId));
  }

  leaveRoom(roomId: string, connectionId: string): void {
    this.#rooms.get(roomId)?.delete(connectionId);
  }

  async handle<Name extends ClientRequestName>(
    session: Session,
    name: Name,
    input: ClientRequestInput<Name>,
  ): Promise<ClientRequestOutput<Name>> {
    const handler: Table[Name] = this.#handlers[name];
    if (handler === undefined) throw new ProtocolError("unknown-request");
    return handler(session, input);
  }
}
