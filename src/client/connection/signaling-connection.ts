import type { Socket } from "socket.io-client";
import type { z } from "zod";
import type {
  ClientRequestInput,
  ClientRequestName,
  ClientRequestOutput,
  NotificationName,
  NotificationPayloads,
  ServerRequestName,
  ServerRequestOutput,
} from "../../protocol/index.ts";
import { io } from "socket.io-client";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import {
  clientRequests,
  connectRefusal,
  isErrorCode,
  notifications,
  ownHandshake,
  parseAnswer,
  ProtocolError,
  refusal,
  serverRequests,
  SIGNALING_PATH,
} from "../../protocol/index.ts";

export interface ConnectionEvents {
  /** Each time the connection stands, the first one included. */
  "connection:up": undefined;
  "connection:down": undefined;
  /** The server refused for good: there is no use in trying again. */
  "connection:refused": ProtocolError;
  /** Something came that is not in the contract. It was dropped. */
  "message:invalid": { name: string };
}

export interface ConnectionOptions {
  /** The server's origin. */
  readonly url: URL;
  /** How long an answer may take before the request fails with `timed-out`. */
  readonly requestTimeoutMs?: number;
}

type ServerRequestHandlers = {
  [Name in ServerRequestName]?: () => Promise<ServerRequestOutput<Name>>;
};

/** The contract's tables, seen so that the compiler knows a row by its name. */
const outputs: { [Name in ClientRequestName]: { output: z.ZodType<ClientRequestOutput<Name>> } } =
  clientRequests;
const payloads: { [Name in NotificationName]: z.ZodType<NotificationPayloads[Name]> } =
  notifications;

const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;
/** How long a connection that is in doubt has for a sign of life. */
const PROBE_MS = 1_500;
/** Codes with which no later attempt can succeed either. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set(["protocol-unsupported"]);

/**
 * The client's end of the wire contract: requests with checked answers, checked notifications,
 * and a connection that is made anew until it is closed.
 */
export class SignalingConnection {
  readonly events = new Emitter<ConnectionEvents>();
  readonly notifications = new Emitter<NotificationPayloads>();
  readonly #scope = new Scope("signaling connection");
  readonly #socket: Socket;
  readonly #requestTimeoutMs: number;
  #serverRequestHandlers: ServerRequestHandlers = {};
  #reconnectAfterMs = 0;
  #probing = false;

  constructor(options: ConnectionOptions) {
    this.#requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
    this.#socket = io(options.url.origin, {
      path: SIGNALING_PATH,
      auth: { ...ownHandshake },
      transports: ["websocket"],
      autoConnect: false,
      forceNew: true,
      reconnectionDelay: 150,
      reconnectionDelayMax: 1_000,
      randomizationFactor: 0.5,
      timeout: 5_000,
    });
    this.#listen();
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** Begins to connect; `connection:up` or `connection:refused` follows. */
  open(): void {
    this.#scope.assertOpen();
    this.#socket.connect();
  }

  /** Breaks the connection and makes a new one at once. */
  reopen(): void {
    this.#scope.assertOpen();
    this.#socket.disconnect();
    this.#socket.connect();
  }

  /**
   * For a device that may be on another network, where a connection can be dead for long before
   * anybody notices: one without a sign of life is made anew, and one that is missing is not waited for.
   */
  async probe(): Promise<void> {
    if (this.#scope.ended || this.#probing) return;
    this.#probing = true;
    const { connected, id } = this.#socket;
    const isDead = !connected || !(await this.#showsLife());
    this.#probing = false;
    // One that broke meanwhile is being made anew already.
    if (isDead && !this.#scope.ended && this.#socket.id === id) this.reopen();
  }

  /** Asks the server. Rejects with a `ProtocolError` whose code says why. */
  async request<Name extends ClientRequestName>(
    name: Name,
    input: ClientRequestInput<Name>,
  ): Promise<ClientRequestOutput<Name>> {
    this.#scope.assertOpen();
    if (!this.#socket.connected) throw new ProtocolError("disconnected");
    let answer: unknown;
    try {
      answer = await this.#socket.timeout(this.#requestTimeoutMs).emitWithAck(name, input);
    } catch {
      throw new ProtocolError(this.#socket.connected ? "timed-out" : "disconnected", name);
    }
    return parseAnswer(outputs[name].output, answer);
  }

  /** Sets what answers the server's requests of this name. */
  answer<Name extends ServerRequestName>(
    name: Name,
    handler: () => Promise<ServerRequestOutput<Name>>,
  ): void {
    this.#serverRequestHandlers = { ...this.#serverRequestHandlers, [name]: handler };
  }

  close(reason: string): void {
    if (!this.#scope.end(reason)) return;
    this.events.removeAllListeners();
    this.notifications.removeAllListeners();
  }

  async #showsLife(): Promise<boolean> {
    try {
      await this.#socket.timeout(PROBE_MS).emitWithAck("server:regions", {});
      return true;
    } catch {
      return false;
    }
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("connect", () => {
      this.#reconnectAfterMs = 0;
      this.events.emit("connection:up", undefined);
    });
    socket.on("disconnect", (reason) => {
      this.events.emit("connection:down", undefined);
      // Socket.IO comes back by itself, except where the server closed the connection on purpose.
      if (reason === "io server disconnect") this.#reopenAfter(this.#reconnectAfterMs);
    });
    socket.on("connect_error", (error) => {
      this.#onConnectError(error);
    });
    socket.onAny((name: string, payload: unknown, acknowledge: unknown) => {
      if (isNotification(name)) this.#onNotification(name, payload);
      else if (isServerRequest(name) && typeof acknowledge === "function") {
        void this.#onServerRequest(name, payload, (answer) => {
          Reflect.apply(acknowledge, undefined, [answer]);
        });
      } else this.events.emit("message:invalid", { name });
    });
    this.notifications.on("server:closing", ({ reconnectAfterMs }) => {
      this.#reconnectAfterMs = reconnectAfterMs;
    });
    this.#scope.add(() => {
      socket.offAny();
      socket.removeAllListeners();
      socket.disconnect();
    });
  }

  #onConnectError(error: Error): void {
    const refused = connectRefusal.safeParse("data" in error ? error.data : undefined);
    // Without data the server was not reached: Socket.IO goes on trying.
    if (!refused.success) return;
    const { code } = refused.data;
    if (!isErrorCode(code) || !FINAL_REFUSALS.has(code)) {
      this.#reopenAfter(1_000);
      return;
    }
    this.events.emit("connection:refused", new ProtocolError(code));
  }

  #reopenAfter(delayMs: number): void {
    this.#scope.after(delayMs * (0.5 + Math.random()), () => {
      this.#socket.connect();
    });
  }

  #onNotification<Name extends keyof typeof notifications>(name: Name, payload: unknown): void {
    const parsed = payloads[name].safeParse(payload);
    if (!parsed.success) {
      this.events.emit("message:invalid", { name });
      return;
    }
    this.notifications.emit(name, parsed.data);
  }

  async #onServerRequest<Name extends ServerRequestName>(
    name: Name,
    payload: unknown,
    acknowledge: (answer: unknown) => void,
  ): Promise<void> {
    try {
      const handler = this.#serverRequestHandlers[name];
      if (handler === undefined) throw new ProtocolError("unknown-request");
      if (!serverRequests[name].input.safeParse(payload).success) {
        throw new ProtocolError("bad-request");
      }
      acknowledge({ ok: true, data: await handler() });
    } catch (error) {
      acknowledge(refusal(error));
    }
  }
}

function isNotification(name: string): name is keyof typeof notifications {
  return Object.hasOwn(notifications, name);
}

function isServerRequest(name: string): name is ServerRequestName {
  return Object.hasOwn(serverRequests, name);
}
