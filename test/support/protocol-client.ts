import { randomBytes } from "node:crypto";
import { io, type Socket } from "socket.io-client";
import { toBase64Url } from "../../src/lib/base64url.ts";
import type {
  ClientRequestInput,
  ClientRequestName,
  ClientRequestOutput,
  NotificationName,
  NotificationPayloads,
  ServerRequestInput,
  ServerRequestName,
  ServerRequestOutput,
} from "../../src/protocol/index.ts";
import {
  notifications,
  ownHandshake,
  parseClientRequestAnswer,
  parseNotification,
  parseServerRequest,
  refusal,
  SIGNALING_PATH,
} from "../../src/protocol/index.ts";

/** 16 random bytes in base64url: a new room or participant id. */
export function randomId(): string {
  return toBase64Url(randomBytes(16));
}

type ToldByName = { [Name in NotificationName]?: NotificationPayloads[Name][] };

export interface ProtocolClientOptions {
  /** Sent as the handshake instead of the right one. */
  readonly auth?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  /** How long each request and each wait may take. */
  readonly timeoutMs?: number;
}

/**
 * A client of the protocol for tests: typed requests, and a record of what it was told. It checks
 * everything that comes against the contract, and never reconnects by itself.
 */
export class ProtocolClient {
  readonly socket: Socket;
  /** Names of all notifications, in the order of their arrival. */
  readonly told: NotificationName[] = [];
  /** What did not fit the contract. A test that expects none asserts that it is empty. */
  readonly violations: unknown[] = [];
  readonly #timeoutMs: number;
  readonly #told: ToldByName = {};
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket, timeoutMs: number) {
    this.socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.onAny((name: string, payload: unknown) => {
      if (!isNotificationName(name)) return;
      try {
        this.#record(name, payload);
      } catch (error) {
        this.violations.push(error);
      }
      this.#look();
    });
    socket.on("disconnect", () => {
      this.#look();
    });
  }

  /** Rejects with Socket.IO's error, whose `data` is the server's refusal. */
  static async connect(url: string, options: ProtocolClientOptions = {}): Promise<ProtocolClient> {
    const timeoutMs = options.timeoutMs ?? 5_000;
    const socket = io(url, {
      path: SIGNALING_PATH,
      transports: ["websocket"],
      auth: options.auth ?? { ...ownHandshake },
      extraHeaders: options.headers ?? {},
      reconnection: false,
      forceNew: true,
      timeout: timeoutMs,
    });
    const client = new ProtocolClient(socket, timeoutMs);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", (error) => {
        socket.close();
        reject(error);
      });
    });
    return client;
  }

  /** Rejects with the `ProtocolError` that the server answered. */
  async request<Name extends ClientRequestName>(
    name: Name,
    input: ClientRequestInput<Name>,
  ): Promise<ClientRequestOutput<Name>> {
    return parseClientRequestAnswer(name, await this.requestRaw(name, input));
  }

  /** Sends anything under any name, and gives the answer as it came. */
  requestRaw(name: string, ...args: unknown[]): Promise<unknown> {
    return this.socket.timeout(this.#timeoutMs).emitWithAck(name, ...args);
  }

  /** Answers what the server asks. What the handler throws is the refusal. */
  serve<Name extends ServerRequestName>(
    name: Name,
    handler: (
      input: ServerRequestInput<Name>,
    ) => ServerRequestOutput<Name> | Promise<ServerRequestOutput<Name>>,
  ): void {
    const answer = async (payload: unknown) => {
      try {
        return { ok: true, data: await handler(parseServerRequest(name, payload)) };
      } catch (error) {
        return refusal(error);
      }
    };
    this.socket.onAny((asked: string, payload: unknown, reply: (answer: unknown) => void) => {
      if (asked === name) void answer(payload).then(reply);
    });
  }

  toldOf<Name extends NotificationName>(name: Name): NotificationPayloads[Name][] {
    return this.#told[name] ?? [];
  }

  /** The first notification of this name that fits, already told or yet to come. */
  async waitFor<Name extends NotificationName>(
    name: Name,
    fits: (payload: NotificationPayloads[Name]) => boolean = () => true,
  ): Promise<NotificationPayloads[Name]> {
    let found: NotificationPayloads[Name] | undefined;
    await this.waitUntil(() => (found = this.toldOf(name).find(fits)) !== undefined, name);
    if (found === undefined) throw new Error(`never told of ${name}`);
    return found;
  }

  /** Looks after each notification and at the end of the connection. */
  async waitUntil(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      const got = this.told.join(", ");
      reject(new Error(`waited ${this.#timeoutMs} ms for ${what}; told of: ${got}`));
    }, this.#timeoutMs);
    const look = () => {
      if (condition()) resolve();
    };
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  waitForDisconnect(): Promise<void> {
    return this.waitUntil(() => !this.socket.connected, "the end of the connection");
  }

  /** Ends the connection without a word, as a network does. */
  drop(): void {
    this.socket.io.engine.close();
  }

  close(): void {
    this.socket.close();
  }

  #record<Name extends NotificationName>(name: Name, payload: unknown): void {
    const ofThisName: NotificationPayloads[Name][] = this.#told[name] ?? [];
    ofThisName.push(parseNotification(name, payload));
    const byName: { [Each in Name]?: NotificationPayloads[Each][] } = this.#told;
    byName[name] = ofThisName;
    this.told.push(name);
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

function isNotificationName(name: string): name is NotificationName {
  return Object.hasOwn(notifications, name);
}
