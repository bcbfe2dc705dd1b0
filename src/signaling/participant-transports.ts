import type {
  DtlsParameters,
  IceParameters,
  TransportDescription,
  TransportDirection,
  TransportId,
} from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { CloseReason, SharedMedia } from "./media-context.ts";
import { assertStaying, closeQuietly } from "./media-context.ts";
import type { ParticipantMedia } from "./participant-media.ts";

interface Transport {
  readonly transportId: TransportId;
  readonly direction: TransportDirection;
  /** The client has used the transport, so it knows its id. */
  used: boolean;
}

type OnForgotten = (transportId: TransportId, reason: CloseReason) => void;

/** The transports of one participant, at most one in each direction. */
export class ParticipantTransports {
  readonly #owner: ParticipantMedia;
  readonly #shared: SharedMedia;
  readonly #onForgotten: OnForgotten;
  readonly #transports = new Map<TransportId, Transport>();
  readonly #opening = new Set<TransportDirection>();

  /** `onForgotten` is told of each transport that is gone, so that what it carried goes too. */
  constructor(owner: ParticipantMedia, shared: SharedMedia, onForgotten: OnForgotten) {
    this.#owner = owner;
    this.#shared = shared;
    this.#onForgotten = onForgotten;
  }

  get ids(): readonly TransportId[] {
    return [...this.#transports.keys()];
  }

  has(transportId: TransportId): boolean {
    return this.#transports.has(transportId);
  }

  /**
   * Throws `transport-exists`. A transport that was never used is replaced: its owner does not
   * know of it when the answer was lost with the connection.
   */
  async create(direction: TransportDirection): Promise<TransportDescription> {
    const { roomId, participantId, sfu, sfuRooms, directory } = this.#shared.context;
    const existing = [...this.#transports.values()].find((each) => each.direction === direction);
    if (existing?.used === true || this.#opening.has(direction)) {
      throw new ProtocolError("transport-exists");
    }
    if (existing !== undefined) closeQuietly(this.#shared, this.close(existing.transportId));
    this.#opening.add(direction);
    try {
      const description = await sfuRooms.createTransport({ roomId, participantId, direction }, () =>
        assertStaying(this.#shared),
      );
      const { transportId } = description;
      if (this.#shared.closed()) closeQuietly(this.#shared, sfu.closeTransport({ transportId }));
      assertStaying(this.#shared);
      this.#transports.set(transportId, { transportId, direction, used: false });
      directory.transports.set(transportId, this.#owner);
      return description;
    } finally {
      this.#opening.delete(direction);
    }
  }

  async connect(transportId: TransportId, dtlsParameters: DtlsParameters): Promise<void> {
    this.use(transportId);
    await this.#shared.context.sfu.connectTransport({ transportId, dtlsParameters });
  }

  async restartIce(transportId: TransportId): Promise<IceParameters> {
    this.use(transportId);
    return this.#shared.context.sfu.restartIce({ transportId });
  }

  async close(transportId: TransportId): Promise<void> {
    this.find(transportId);
    this.forget(transportId, "producer-closed");
    await this.#shared.context.sfu.closeTransport({ transportId });
  }

  /** The transport is gone in the SFU, or about to go; `reason` is what consumers are told. */
  forget(transportId: TransportId, reason: CloseReason): void {
    this.#transports.delete(transportId);
    this.#shared.context.directory.transports.delete(transportId);
    this.#onForgotten(transportId, reason);
  }

  /** Throws `transport-not-found`, or `bad-request` when it goes the other way. */
  find(transportId: TransportId, direction?: TransportDirection): Transport {
    const transport = this.#transports.get(transportId);
    if (transport === undefined) throw new ProtocolError("transport-not-found");
    if (direction !== undefined && transport.direction !== direction) {
      throw new ProtocolError("bad-request", `transportId: not a transport to ${direction} on`);
    }
    return transport;
  }

  /** As `find`, for something that the client does with it. */
  use(transportId: TransportId, direction?: TransportDirection): void {
    this.find(transportId, direction).used = true;
  }
}
