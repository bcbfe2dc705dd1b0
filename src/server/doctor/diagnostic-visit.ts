import { randomBytes } from "node:crypto";
import type { Socket } from "socket.io-client";
import { io } from "socket.io-client";
import type { z } from "zod";
import type {
  ClientRequestInput,
  ClientRequestName,
  ClientRequestOutput,
  EdgeRegion,
  TransportDescription,
} from "../../protocol/index.ts";
import {
  clientRequests,
  connectRefusal,
  ownHandshake,
  parseAnswer,
  RANDOM_ID_BYTES,
  SIGNALING_PATH,
} from "../../protocol/index.ts";

const outputs: { [Name in ClientRequestName]: { output: z.ZodType<ClientRequestOutput<Name>> } } =
  clientRequests;

/**
 * A visit to signaling for looking around: in a room of random name that nobody else is in, and
 * without any group or media.
 */
export class DiagnosticVisit {
  readonly #socket: Socket;
  readonly #timeoutMs: number;

  /** Rejects with an error whose message says why signaling can't be reached, or refuses. */
  static async begin(origin: string, timeoutMs: number): Promise<DiagnosticVisit> {
    const socket = io(origin, {
      path: SIGNALING_PATH,
      auth: { ...ownHandshake },
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      timeout: timeoutMs,
      // The certificate has a finding of its own; what is behind it is looked at all the same.
      rejectUnauthorized: false,
    });
    try {
      await connected(socket, timeoutMs);
    } catch (error) {
      socket.disconnect();
      throw error;
    }
    return new DiagnosticVisit(socket, timeoutMs);
  }

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
  }

  /** The quickest of `count` requests. */
  async roundTripMs(count: number): Promise<number> {
    const times: number[] = [];
    for (let asked = 0; asked < count; asked += 1) {
      const startedMs = performance.now();
      await this.#request("server:capabilities", {});
      times.push(performance.now() - startedMs);
    }
    return Math.min(...times);
  }

  /** Where media can be sent. Rejects with a `ProtocolError`. */
  async mediaTransport(): Promise<TransportDescription> {
    await this.#request("room:join", { roomId: randomId(), participantId: randomId() });
    return (await this.#request("transport:create", { direction: "send" })).transport;
  }

  /** Whence media can be relayed, with credentials. Rejects with a `ProtocolError`. */
  async regions(): Promise<readonly EdgeRegion[]> {
    return (await this.#request("server:regions", {})).regions;
  }

  end(): void {
    this.#socket.disconnect();
  }

  async #request<Name extends ClientRequestName>(
    name: Name,
    input: ClientRequestInput<Name>,
  ): Promise<ClientRequestOutput<Name>> {
    const answer: unknown = await this.#socket.timeout(this.#timeoutMs).emitWithAck(name, input);
    return parseAnswer(outputs[name].output, answer);
  }
}

function connected(socket: Socket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error("no answer came"));
    }, timeoutMs);
    const settle = (settled: () => void) => {
      clearTimeout(timer);
      settled();
    };
    socket.once("connect", () => {
      settle(resolve);
    });
    socket.once("connect_error", (error) => {
      settle(() => {
        reject(new Error(reasonOf(error)));
      });
    });
  });
}

function reasonOf(error: Error): string {
  const refused = connectRefusal.safeParse("data" in error ? error.data : undefined);
  if (refused.success) return `${refused.data.code}: ${refused.data.message}`;
  const cause: unknown = "description" in error ? error.description : undefined;
  const said = cause instanceof Error ? cause.message : Reflect.get(Object(cause), "message");
  return typeof said === "string" && said !== "" ? said : error.message;
}

function randomId(): string {
  return randomBytes(RANDOM_ID_BYTES).toString("base64url");
}
