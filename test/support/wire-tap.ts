import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/**
 * Stands between clients and a signaling server and keeps all that they say to each other: the
 * payload of each WebSocket frame (RFC 6455 section 5.2), unmasked.
 */
export interface WireTap {
  readonly port: number;
  readonly fromClients: readonly Buffer[];
  readonly fromServer: readonly Buffer[];
  close(): Promise<void>;
}

export async function startWireTap(targetPort: number): Promise<WireTap> {
  const sockets = new Set<Socket>();
  const fromClients: Buffer[] = [];
  const fromServer: Buffer[] = [];
  const server = createServer((downstream) => {
    const upstream = connect(targetPort, "127.0.0.1");
    for (const [socket, other, payloads] of [
      [downstream, upstream, fromClients],
      [upstream, downstream, fromServer],
    ] as const) {
      sockets.add(socket);
      const reader = new FrameReader(payloads);
      socket.on("data", (bytes) => {
        reader.read(bytes);
      });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    fromClients,
    fromServer,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** Reads one direction of a connection: an HTTP head, then WebSocket frames. */
class FrameReader {
  readonly #payloads: Buffer[];
  #rest: Buffer = Buffer.alloc(0);
  #upgraded = false;

  constructor(payloads: Buffer[]) {
    this.#payloads = payloads;
  }

  read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    if (!this.#upgraded) {
      const end = this.#rest.indexOf(HEAD_END);
      if (end === -1) return;
      this.#payloads.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end + HEAD_END.length);
      this.#upgraded = true;
    }
    for (;;) {
      const frame = parseFrame(this.#rest);
      if (frame === undefined) return;
      this.#payloads.push(frame.payload);
      this.#rest = this.#rest.subarray(frame.byteLength);
    }
  }
}

function parseFrame(bytes: Buffer): { payload: Buffer; byteLength: number } | undefined {
  if (bytes.length < 2) return undefined;
  if ((bytes.readUInt8(0) & 0x70) !== 0) throw new Error("the connection is compressed");
  const second = bytes.readUInt8(1);
  const isMasked = (second & 0x80) !== 0;
  const short = second & 0x7f;
  const lengthBytes = { 126: 2, 127: 8 }[short] ?? 0;
  const maskStart = 2 + lengthBytes;
  const start = maskStart + (isMasked ? 4 : 0);
  if (bytes.length < start) return undefined;
  const length = lengthBytes === 0 ? short : lengthOf(bytes, lengthBytes);
  if (bytes.length < start + length) return undefined;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  if (isMasked) {
    const mask = bytes.subarray(maskStart, start);
    for (let index = 0; index < payload.length; index += 1) {
      payload[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
    }
  }
  return { payload, byteLength: start + length };
}

function lengthOf(bytes: Buffer, lengthBytes: number): number {
  return lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
}
