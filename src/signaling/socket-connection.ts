import type { Socket } from "socket.io";
import { Scope } from "../lib/scope.ts";
import type { Clock } from "../lib/clock.ts";
import type {
  NotificationName,
  NotificationPayload,
  RoomId,
  ServerRequestInput,
  ServerRequestName,
  ServerRequestOutput,
} from "../protocol/index.ts";
import { parseServerRequestAnswer, ProtocolError } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";
import type { SignalingOptions } from "./signaling-options.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The only class that speaks to a Socket.IO socket. */
export class SocketConnection implements Connection {
  readonly address: string;
  readonly #socket: Socket;
  readonly #scope: Scope;
  readonly #amplified: TokenBucket;

  constructor(socket: Socket, address: string, options: SignalingOptions, clock: Clock) {
    this.address = address;
    this.#socket = socket;
    this.#scope = new Scope("connection", clock);
    this.#amplified = new TokenBucket(
      options.amplifiedBytesPerSecond,
      options.amplifiedByteBurst,
      clock,
    );
    socket.on("disconnect", (reason) => {
      this.#scope.end(reason);
    });
  }

  get id(): string {
    return this.#socket.id;
  }

  get closed(): boolean {
    return this.#scope.ended;
  }

  notify<Name extends NotificationName>(name: Name, payload: NotificationPayload<Name>): void {
    this.#socket.emit(name, payload);
  }

  async request<Name extends ServerRequestName>(
    name: Name,
    input: ServerRequestInput<Name>,
    timeoutMs: number,
  ): Promise<ServerRequestOutput<Name>> {
    const answer = await this.#ask(name, input, timeoutMs);
    return parseServerRequestAnswer(name, answer);
  }

  enterRoom(roomId: RoomId): void {
    void this.#socket.join(roomId);
  }

  leaveRoom(roomId: RoomId): void {
    void this.#socket.leave(roomId);
  }

  spendAmplified(bytes: number): void {
    if (!this.#amplified.take(bytes)) throw new ProtocolError("rate-limited", "too many bytes");
  }

  close(): void {
    this.#socket.conn.close();
  }

  #ask(name: ServerRequestName, input: unknown, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new ProtocolError("disconnected"));
      const settle = (act: () => void) => {
        cancelTimer();
        cancelClose();
        act();
      };
      const cancelTimer = this.#scope.after(timeoutMs, () => {
        settle(() => reject(new ProtocolError("timed-out")));
      });
      const cancelClose = this.#scope.add(() => reject(new ProtocolError("disconnected")));
      this.#socket.emit(name, input, (answer: unknown) => {
        settle(() => resolve(answer));
      });
    });
  }
}
