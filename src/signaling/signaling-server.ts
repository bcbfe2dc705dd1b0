import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { Server, type Socket } from "socket.io";
import type { Clock } from "../lib/clock.ts";
import { Scope } from "../lib/scope.ts";
import type { Logger } from "../observability/index.ts";
import { loggableAddress } from "../observability/index.ts";
import type { RtpCapabilities } from "../protocol/index.ts";
import { LIMITS, ProtocolError, SIGNALING_PATH } from "../protocol/index.ts";
import type { Dispatch } from "./bind.ts";
import { bindRequests } from "./bind.ts";
import { ConnectionGate } from "./connection-gate.ts";
import { groupHandlers } from "./handlers/group-handlers.ts";
import { streamHandlers } from "./handlers/stream-handlers.ts";
import { transportHandlers } from "./handlers/transport-handlers.ts";
import type { IceServerSource, SfuControl } from "./ports.ts";
import { RoomRegistry } from "./room-registry.ts";
import { Session } from "./session.ts";
import { watchSfu } from "./sfu-watch.ts";
import type { CutReason, SignalingMetrics } from "./signaling-metrics.ts";
import type { SignalingOptions } from "./signaling-options.ts";
import { SocketCaller } from "./socket-caller.ts";
import { SocketConnection } from "./socket-connection.ts";
import { Stays } from "./stays.ts";
import { guardTraffic } from "./traffic-guard.ts";

type EngineConnection = Socket["conn"];

export interface SignalingServerContext {
  /**
   * Not started or closed by signaling, which answers at SIGNALING_PATH only. Give it its other
   * listeners before `start`: what comes later sees signaling's requests too.
   */
  readonly httpServer: HttpServer | HttpsServer;
  readonly sfu: SfuControl;
  readonly ice: IceServerSource;
  readonly options: SignalingOptions;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: SignalingMetrics;
}

/** Answers the protocol over Socket.IO, over WebSockets only (docs/adr/0014-signaling.md). */
export class SignalingServer {
  readonly #context: SignalingServerContext;
  readonly #scope: Scope;
  readonly #io: Server;
  readonly #gate: ConnectionGate;
  readonly #registry: RoomRegistry;
  readonly #stays: Stays;
  readonly #dispatch: Dispatch<Session>;
  readonly #welcomed = new WeakSet<EngineConnection>();
  #capabilities: RtpCapabilities | undefined;
  #draining = false;

  constructor(context: SignalingServerContext) {
    const { options, metrics, clock } = context;
    this.#context = context;
    this.#scope = new Scope("signaling", clock);
    this.#gate = new ConnectionGate(options);
    this.#io = new Server(this.#engineOptions());
    this.#registry = new RoomRegistry({
      ...context,
      broadcast: (roomId, name, payload, exceptId) => {
        const others = this.#io.to(roomId);
        (exceptId === undefined ? others : others.except(exceptId)).emit(name, payload);
      },
    });
    this.#stays = new Stays({ registry: this.#registry, options, clock, metrics });
    this.#dispatch = bindRequests<Session>({
      "server:capabilities": () => ({ routerRtpCapabilities: this.#routerCapabilities() }),
      "room:join": (session, input) => this.#stays.join(session, input),
      "room:leave": (session) => {
        this.#stays.leave(session);
        return {};
      },
      ...transportHandlers(context.ice),
      ...streamHandlers,
      ...groupHandlers(metrics),
    });
  }

  get roomCount(): number {
    return this.#registry.roomCount;
  }

  get participantCount(): number {
    return this.#registry.participantCount;
  }

  get connectionCount(): number {
    return this.#io.of("/").sockets.size;
  }

  /** Entries and bytes that are kept for participants: zero when all have gone. */
  get resourceCount(): number {
    return this.#registry.directory.size + this.#registry.keptBytes;
  }

  /** Resolves when clients may connect. Rejects if the SFU cannot tell what it supports. */
  async start(): Promise<void> {
    const { sfu, httpServer } = this.#context;
    this.#capabilities = await sfu.routerRtpCapabilities();
    this.#scope.assertOpen();
    this.#scope.add(watchSfu(sfu, this.#registry.directory));
    this.#io.use((socket, next) => {
      const address = this.#gate.addressOf(socket.request);
      const refused = this.#gate.refuseHandshake(address, socket.handshake.auth);
      if (refused !== undefined) this.#context.metrics.connectionRefused(refused.reason);
      next(refused);
    });
    this.#io.on("connection", (socket) => {
      this.#welcome(socket);
    });
    this.#io.attach(httpServer);
    this.#io.engine.on("connection", (connection: EngineConnection) => {
      this.#guard(connection);
    });
  }

  /** Tells all clients to go elsewhere and lets nobody in any more. Those who are here may stay. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#gate.drain();
    this.#stays.drain();
    const { reconnectAfterMs } = this.#context.options;
    this.#io.emit("server:closing", { reconnectAfterMs });
    this.#context.logger.info({ connections: this.connectionCount }, "signaling drains");
  }

  /** Drains, gives the last messages a moment to be sent, and ends all connections and stays. */
  async close(reason: string): Promise<void> {
    if (this.#scope.ended) return;
    const { clock, options } = this.#context;
    this.drain();
    this.#scope.end(reason);
    if (this.connectionCount > 0) {
      await new Promise<void>((resolve) => clock.after(options.closeFlushMs, resolve));
    }
    this.#stays.close();
    // Not `io.close()`, which would close the HTTP server too.
    this.#io.disconnectSockets(true);
    this.#io.engine?.close();
    await this.#registry.settled();
  }

  #engineOptions() {
    const { options, metrics } = this.#context;
    return {
      path: SIGNALING_PATH,
      transports: ["websocket" as const],
      serveClient: false,
      // Commits and sealed messages don't compress, and a compressor costs memory per client.
      perMessageDeflate: false,
      // The largest thing a client sends in one WebSocket message.
      maxHttpBufferSize: LIMITS.groupInfoBytes,
      connectTimeout: options.connectTimeoutMs,
      pingInterval: options.pingIntervalMs,
      pingTimeout: options.pingTimeoutMs,
      allowRequest: (
        request: Parameters<ConnectionGate["refuseUpgrade"]>[0],
        decide: (message: string | null | undefined, allowed: boolean) => void,
      ) => {
        const refused = this.#gate.refuseUpgrade(request);
        if (refused !== undefined) metrics.connectionRefused(refused);
        decide(refused, refused === undefined);
      },
    };
  }

  #routerCapabilities(): RtpCapabilities {
    if (this.#capabilities === undefined) throw new ProtocolError("sfu-unavailable");
    return this.#capabilities;
  }

  #guard(connection: EngineConnection): void {
    const { metrics, options, clock } = this.#context;
    const release = this.#gate.count(this.#gate.addressOf(connection.request));
    metrics.connectionOpened();
    connection.once("close", () => {
      release();
      metrics.connectionClosed();
    });
    guardTraffic(connection, options, clock, (reason) => {
      this.#cut(connection, reason);
    });
  }

  #welcome(socket: Socket): void {
    // Two handshakes within one packet's time would give one client the limits of two.
    if (this.#welcomed.has(socket.conn)) {
      this.#cut(socket.conn, "connected-twice");
      return;
    }
    this.#welcomed.add(socket.conn);
    const { options, clock } = this.#context;
    const address = this.#gate.addressOf(socket.request);
    const connection = new SocketConnection(socket, address, options, clock);
    const session = new Session(connection);
    const caller = new SocketCaller(session, {
      ...this.#context,
      cut: (reason) => {
        this.#cut(socket.conn, reason);
      },
    });
    // A middleware that does not call on: nothing reaches the socket's own emitter.
    socket.use((event: readonly unknown[]) => {
      if (!connection.closed) this.#dispatch(caller, event);
    });
    socket.on("disconnect", () => {
      this.#stays.connectionLost(session);
    });
  }

  #cut(connection: EngineConnection, reason: CutReason): void {
    if (connection.readyState === "closed") return;
    const { logger, metrics } = this.#context;
    const address = loggableAddress(this.#gate.addressOf(connection.request));
    logger.warn({ reason, address }, "connection cut off");
    metrics.connectionCut(reason);
    connection.close(true);
  }
}
