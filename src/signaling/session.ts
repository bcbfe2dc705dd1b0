import { ProtocolError } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";
import type { Participant } from "./participant.ts";
import type { Room } from "./room.ts";

/** Where a connection stands: in a room as somebody, or not yet. */
export class Session {
  readonly connection: Connection;
  #place: { readonly room: Room; readonly participant: Participant } | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Throws `not-joined`. */
  get room(): Room {
    return this.#joined().room;
  }

  /** Throws `not-joined`. */
  get participant(): Participant {
    return this.#joined().participant;
  }

  get joined(): boolean {
    return this.#place !== undefined;
  }

  enter(room: Room, participant: Participant): void {
    this.#place = { room, participant };
  }

  /** Returns what was left, if anything. */
  leave(): { readonly room: Room; readonly participant: Participant } | undefined {
    const place = this.#place;
    this.#place = undefined;
    return place;
  }

  #joined() {
    if (this.#place === undefined) throw new ProtocolError("not-joined");
    return this.#place;
  }
}
