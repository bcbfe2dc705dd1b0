import type { Socket } from "node:net";
import type { Clock } from "../../lib/clock.ts";
import type { ClientLink } from "../core/client-link.ts";
import type { Scratch } from "../core/scratch.ts";
import type { RelayCore } from "../core/relay-core.ts";
import type { Endpoint } from "../ip/address.ts";
import type { TurnTransport } from "../turn-options.ts";
import { padded } from "../wire/stun.ts";
import { StreamFramer } from "../wire/stream-framer.ts";

/** A request is far smaller; only who has an allocation may send data. */
const unprovenFrameBytesMax = 2_048;
const frameBytesMax = 65_556;

export interface StreamLinkParts {
  readonly transport: TurnTransport;
  readonly remote: Endpoint;
  readonly path: string;
  readonly core: RelayCore;
  readonly queueBytesMax: number;
  /** How long it may stand without an allocation. */
  readonly idleMs: number;
  readonly clock: Clock;
}

/** One TCP or TLS connection. */
export class StreamLink implements ClientLink {
  readonly transport: TurnTransport;
  readonly remote: Endpoint;
  readonly path: string;
  readonly #socket: Socket;
  readonly #core: RelayCore;
  readonly #queueBytesMax: number;
  readonly #idleMs: number;
  readonly #clock: Clock;
  #cancelDeadline: () => void = () => {};
  #closed = false;

  constructor(socket: Socket, parts: StreamLinkParts) {
    this.transport = parts.transport;
    this.remote = parts.remote;
    this.path = parts.path;
    this.#socket = socket;
    this.#core = parts.core;
    this.#queueBytesMax = parts.queueBytesMax;
    this.#idleMs = parts.idleMs;
    this.#clock = parts.clock;
  }

  /** Reads from the socket until it closes, which `onClose` is told. */
  open(onClose: () => void): void {
    const framer = new StreamFramer({
      onFrame: (buffer, start, end) => {
        this.#core.receive(buffer, start, end, this);
      },
      frameBytesMax: () => (this.#core.serves(this) ? frameBytesMax : unprovenFrameBytesMax),
    });
    this.#socket.on("data", (chunk: Buffer) => {
      if (!framer.push(chunk)) this.close();
    });
    this.#socket.on("error", () => {});
    this.#socket.once("close", () => {
      this.close();
      onClose();
    });
    this.release();
  }

  /** Ends the connection, and its allocation with it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelDeadline();
    this.#socket.destroy();
    this.#core.linkClosed(this);
  }

  /**
   * Copies, because the stream may keep the bytes. A reader that is too slow loses packets, as it
   * would on UDP, instead of filling our memory.
   */
  send(scratch: Scratch, length: number): boolean {
    if (this.#socket.writableLength > this.#queueBytesMax || !this.#socket.writable) return false;
    const whole = padded(length);
    scratch.buffer.fill(0, length, whole);
    this.#socket.write(Buffer.from(scratch.buffer.subarray(0, whole)));
    return true;
  }

  hold(): void {
    this.#cancelDeadline();
  }

  /** A deadline and not a time of silence: who sends a byte now and then is not let stay. */
  release(): void {
    this.#cancelDeadline();
    if (this.#closed) return;
    this.#cancelDeadline = this.#clock.after(this.#idleMs, () => {
      this.close();
    });
  }
}
