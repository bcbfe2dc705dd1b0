import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import type { TurnTransport } from "../turn-options.ts";
import { StreamFramer } from "../wire/stream-framer.ts";
import { TurnClientError } from "./client-error.ts";
import { LengthFramer, withLength } from "./length-framer.ts";

export interface WireTarget {
  readonly transport: TurnTransport;
  /** A name or a literal address. */
  readonly host: string;
  readonly port: number;
  /** How messages are told apart on a stream: TURN's own way, or ICE's two bytes of length (RFC 4571). */
  readonly framing?: "turn" | "length";
}

export interface WireHandlers {
  /** One whole message: STUN or ChannelData. */
  readonly onMessage: (bytes: Buffer) => void;
  /** The other side has gone, or can't be reached any more. */
  readonly onEnd: (reason: string) => void;
}

/** A way to a server that carries whole messages. */
export interface ClientWire {
  /** Whether lost messages must be sent again by who uses it. */
  readonly lossy: boolean;
  /** Why browsers would refuse the certificate; undefined when they would not, or without TLS. */
  readonly certificateProblem: string | undefined;
  /** To be called once, before anything is sent. */
  listen(handlers: WireHandlers): void;
  send(bytes: Buffer): void;
  close(): void;
}

const messageBytesMax = 65_600;

/** Rejects with `TurnClientError`: `unreachable`, or `timed-out` when `signal` ends it before. */
export async function openWire(target: WireTarget, signal: AbortSignal): Promise<ClientWire> {
  try {
    const { address, family } = await resolve(target.host);
    signal.throwIfAborted();
    return target.transport === "udp"
      ? await openDatagrams(address, family, target.port, signal)
      : await openStream(address, target, signal);
  } catch (error) {
    if (signal.aborted) throw new TurnClientError("timed-out", "nothing answered");
    throw new TurnClientError("unreachable", codeOf(error));
  }
}

async function resolve(host: string): Promise<{ address: string; family: number }> {
  const family = isIP(host);
  return family === 0 ? lookup(host) : { address: host, family };
}

/** Connected, so that a port that is shut shows as an error where ICMP gets through. */
async function openDatagrams(
  address: string,
  family: number,
  port: number,
  signal: AbortSignal,
): Promise<ClientWire> {
  const socket = createSocket({ type: family === 6 ? "udp6" : "udp4" });
  try {
    const connected = once(socket, "connect", { signal });
    socket.connect(port, address);
    await connected;
  } catch (error) {
    socket.close();
    throw error;
  }
  let open = true;
  return {
    lossy: true,
    certificateProblem: undefined,
    listen: ({ onMessage, onEnd }) => {
      socket.on("error", (error) => {
        onEnd(codeOf(error));
      });
      socket.on("message", onMessage);
    },
    send: (bytes) => {
      if (open) socket.send(bytes);
    },
    close: () => {
      if (open) socket.close();
      open = false;
    },
  };
}

async function openStream(
  address: string,
  { host, port, transport, framing }: WireTarget,
  signal: AbortSignal,
): Promise<ClientWire> {
  const socket = transport === "tls" ? tlsTo(address, host, port) : connectTcp(port, address);
  try {
    await once(socket, transport === "tls" ? "secureConnect" : "connect", { signal });
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw error;
  }
  socket.setNoDelay(true);
  const byLength = framing === "length";
  return {
    lossy: false,
    certificateProblem: problemOf(socket),
    listen: (handlers) => {
      listenTo(socket, byLength, handlers);
    },
    send: (bytes) => socket.write(byLength ? withLength(bytes) : bytes),
    close: () => socket.destroy(),
  };
}

function listenTo(socket: Socket, byLength: boolean, { onMessage, onEnd }: WireHandlers): void {
  const framer = byLength ? new LengthFramer(onMessage) : turnFramer(onMessage);
  socket.on("data", (chunk: Buffer) => {
    if (!framer.push(chunk)) socket.destroy(new Error("not a TURN stream"));
  });
  socket.on("error", (error) => {
    onEnd(codeOf(error));
  });
  socket.on("close", () => {
    onEnd("the connection was closed");
  });
}

/** Any certificate is taken, so that what lies behind a wrong one can be looked at too. */
function tlsTo(address: string, host: string, port: number): TLSSocket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host: address, port, rejectUnauthorized: false, ...name });
}

function problemOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || socket.authorized) return undefined;
  const problem: unknown = socket.authorizationError;
  return problem instanceof Error ? problem.message : String(problem);
}

/** Copies, because what is handed on in place holds only until the next chunk. */
function turnFramer(onMessage: (bytes: Buffer) => void): StreamFramer {
  return new StreamFramer({
    onFrame: (buffer, start, end) => {
      onMessage(Buffer.from(buffer.subarray(start, end)));
    },
    frameBytesMax: () => messageBytesMax,
  });
}

/** The system's word for it, which says more than Node's sentence around it. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
