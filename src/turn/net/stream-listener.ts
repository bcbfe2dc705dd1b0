import { once } from "node:events";
import type { SecureContextOptions } from "node:tls";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { createServer as createTlsServer, Server as TlsServer } from "node:tls";
import type { Clock } from "../../lib/clock.ts";
import type { RelayCore } from "../core/relay-core.ts";
import { parseEndpoint } from "../ip/address.ts";
import type { TurnListenerAddress } from "../turn-engine.ts";
import type { TurnCertificate, TurnListenerOptions } from "../turn-options.ts";
import type { ConnectionGate } from "./connection-gate.ts";
import { StreamLink } from "./stream-link.ts";

export interface StreamListenerParts {
  readonly core: RelayCore;
  readonly gate: ConnectionGate;
  readonly queueBytesMax: number;
  readonly idleMs: number;
  readonly clock: Clock;
}

interface Connections {
  /** Below TLS, from the first moment. */
  readonly sockets: Set<Socket>;
  /** Those that have got as far as TURN. */
  readonly links: Set<StreamLink>;
}

/** Takes TCP and TLS connections of clients. */
export class StreamListener {
  readonly address: TurnListenerAddress;
  readonly #server: Server;
  readonly #connections: Connections;

  private constructor(address: TurnListenerAddress, server: Server, connections: Connections) {
    this.address = address;
    this.#server = server;
    this.#connections = connections;
  }

  /** Rejects with the system's error when the address and port can't be bound. */
  static async open(
    options: TurnListenerOptions,
    parts: StreamListenerParts,
  ): Promise<StreamListener> {
    const connections: Connections = { sockets: new Set(), links: new Set() };
    const server = serverFor(options, parts.idleMs, (socket) => {
      serve(socket, options, parts, connections.links);
    });
    // The gate stands before the TLS handshake: that is what costs.
    server.on("connection", (socket: Socket) => {
      admit(socket, connections.sockets, parts);
    });
    const address = { host: options.address, port: options.port, exclusive: true };
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ ...address, ipv6Only: true }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    // Later errors concern single connections (no descriptors left, for one): they are refused.
    server.on("error", () => {
      parts.gate.refuse();
    });
    const { port } = addressOf(server);
    const { protocol } = options;
    return new StreamListener({ protocol, address: options.address, port }, server, connections);
  }

  /** For connections from now on; a listener of plain TCP has no use for it. */
  useCertificate(certificate: TurnCertificate): void {
    if (this.#server instanceof TlsServer)
      this.#server.setSecureContext(secureOptions(certificate));
  }

  async close(): Promise<void> {
    const { links, sockets } = this.#connections;
    const ended = [...sockets].map((socket) => once(socket, "close"));
    const stopped = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    for (const link of links) link.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all([stopped, ...ended]);
  }
}

function serverFor(
  options: TurnListenerOptions,
  handshakeTimeout: number,
  onSocket: (socket: Socket) => void,
): Server {
  if (options.protocol !== "tls") return createServer({ noDelay: true }, onSocket);
  const server = createTlsServer(
    { ...secureOptions(options.tls), noDelay: true, handshakeTimeout },
    onSocket,
  );
  // Node leaves the connection open when a handshake fails or takes too long.
  server.on("tlsClientError", (_error, socket) => {
    socket.destroy();
  });
  return server;
}

function secureOptions(certificate: TurnCertificate | undefined): SecureContextOptions {
  return { ...certificate, minVersion: "TLSv1.2" };
}

/** Counts the raw connection from its first moment to its end, whatever becomes of it. */
function admit(socket: Socket, sockets: Set<Socket>, { gate }: StreamListenerParts): void {
  const address = socket.remoteAddress;
  socket.on("error", () => {});
  if (address === undefined || !gate.enter(address)) {
    socket.destroy();
    return;
  }
  sockets.add(socket);
  socket.once("close", () => {
    sockets.delete(socket);
    gate.leave(address);
  });
}

function serve(
  socket: Socket,
  options: TurnListenerOptions,
  parts: StreamListenerParts,
  links: Set<StreamLink>,
): void {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  const remote =
    remoteAddress === undefined || remotePort === undefined
      ? undefined
      : parseEndpoint(remoteAddress, remotePort);
  if (remote === undefined) {
    socket.destroy();
    return;
  }
  const local = `${localAddress}|${localPort}`;
  const path = `${options.protocol}|${local}|${remoteAddress}|${remotePort}`;
  const transport = options.protocol === "tls" ? "tls" : "tcp";
  const link = new StreamLink(socket, { transport, remote, path, ...parts });
  links.add(link);
  link.open(() => links.delete(link));
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not a TCP server");
  return address;
}
