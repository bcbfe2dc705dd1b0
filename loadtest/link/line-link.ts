import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { connect, createServer } from "node:tls";
import { Emitter } from "../../src/lib/emitter.ts";

/**
 * Coordinator and agents talk in lines of JSON over TLS 1.2 with a shared key and an ephemeral
 * Diffie-Hellman (RFC 5489): the token is the key, so who lacks it can neither join nor listen, and
 * no certificate is needed.
 */
const CIPHERS = "ECDHE-PSK-CHACHA20-POLY1305:@SECLEVEL=0";
const TLS = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: CIPHERS } as const;
const IDENTITY = "agent";
const TOKEN_BYTES = 32;
/** A peer that sends longer lines is none of ours. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

export interface LineLinkEvents<Incoming> {
  readonly "message:received": Incoming;
  readonly "link:closed": undefined;
}

/** One end of a link. Both ends are of one version, see `hello`. */
export class LineLink<Incoming, Outgoing> {
  readonly events = new Emitter<LineLinkEvents<Incoming>>();
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    let unfinished = 0;
    socket.on("data", (chunk: Buffer) => {
      const newline = chunk.lastIndexOf(0x0a);
      unfinished = newline === -1 ? unfinished + chunk.length : chunk.length - newline;
      if (unfinished > MAX_LINE_BYTES) socket.destroy();
    });
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => {
      const message = this.#parse(line);
      if (message !== undefined) this.events.emit("message:received", message);
    });
    // It passes the socket's errors on, such as the reset by a peer that was killed.
    lines.on("error", () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.events.emit("link:closed", undefined);
    });
  }

  send(message: Outgoing): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.#socket.end();
  }

  /** Who holds the token but doesn't speak JSON is none of ours either. */
  #parse(line: string): Incoming | undefined {
    try {
      const message: Incoming = JSON.parse(line);
      return message;
    } catch {
      this.#socket.destroy();
      return undefined;
    }
  }
}

export function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** Listens for agents. Resolves with the port and what ends it. */
export async function listenForLinks<Incoming, Outgoing>(
  options: { readonly host: string; readonly port: number; readonly token: string },
  onLink: (link: LineLink<Incoming, Outgoing>) => void,
): Promise<{ readonly port: number; close(): void }> {
  const key = Buffer.from(options.token);
  const sockets = new Set<TLSSocket>();
  const server = createServer({
    ...TLS,
    pskCallback: (_socket, identity) => (identity === IDENTITY ? key : null),
  });
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    onLink(new LineLink(socket));
  });
  // A peer without the token: the other agents need not know of it.
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  return {
    port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Rejects when nobody listens, or the token is another one. */
export function openLink<Incoming, Outgoing>(options: {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}): Promise<LineLink<Incoming, Outgoing>> {
  const { host, port, token } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...TLS,
      host,
      port,
      pskCallback: () => ({ psk: Buffer.from(token), identity: IDENTITY }),
      // The key authenticates the other side; there is no certificate with a name.
      checkServerIdentity: () => undefined,
    });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      socket.off("error", reject);
      resolve(new LineLink(socket));
    });
  });
}
