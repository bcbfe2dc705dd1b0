import type { RoomId, TransportDescription } from "../protocol/index.ts";
import type { SfuControl } from "./ports.ts";

type TransportInput = Parameters<SfuControl["createTransport"]>[0];

/**
 * Keeps the making of transports and the closing of rooms in order, so that a transport which was
 * being made when the last participant left does not outlive the room, and a room that begins
 * anew under the same id is not closed by the end of the former one.
 */
export class SfuRooms {
  readonly #sfu: SfuControl;
  readonly #creating = new Map<RoomId, Set<Promise<unknown>>>();
  readonly #closing = new Map<RoomId, Promise<void>>();

  constructor(sfu: SfuControl) {
    this.#sfu = sfu;
  }

  /** `assertWanted` throws if nobody wants the transport any more once the room is free. */
  async createTransport(
    input: TransportInput,
    assertWanted: () => void,
  ): Promise<TransportDescription> {
    for (;;) {
      const closing = this.#closing.get(input.roomId);
      if (closing === undefined) break;
      await closing;
    }
    assertWanted();
    const creating = this.#creating.get(input.roomId) ?? new Set();
    this.#creating.set(input.roomId, creating);
    const created = this.#sfu.createTransport(input);
    creating.add(created);
    try {
      return await created;
    } finally {
      creating.delete(created);
      if (creating.size === 0) this.#creating.delete(input.roomId);
    }
  }

  /** Closes what the SFU still has of the room, after all that is being made in it. Never rejects. */
  close(roomId: RoomId, onError: (error: unknown) => void): Promise<void> {
    const closing = this.#close(roomId)
      .catch(onError)
      .finally(() => {
        if (this.#closing.get(roomId) === closing) this.#closing.delete(roomId);
      });
    this.#closing.set(roomId, closing);
    return closing;
  }

  /** Resolves when no room is being closed any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing.values());
  }

  async #close(roomId: RoomId): Promise<void> {
    await this.#closing.get(roomId);
    await Promise.allSettled([...(this.#creating.get(roomId) ?? [])]);
    await this.#sfu.closeRoom({ roomId });
  }
}
