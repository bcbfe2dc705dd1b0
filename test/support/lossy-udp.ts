import type { Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";

/** RTP with a payload type of media: not STUN, DTLS or RTCP (RFC 7983, RFC 5761). */
function isRtp(packet: Buffer): boolean {
  const [first = 0, second = 0] = packet;
  const payloadType = second & 0x7f;
  return first >> 6 === 2 && (payloadType < 64 || payloadType > 95);
}

/** The P bit of RFC 3550 section 5.1; browsers set it on packets that hold nothing else. */
function isPadding(packet: Buffer): boolean {
  return ((packet[0] ?? 0) & 0x20) !== 0;
}

/**
 * A network on loopback that loses media packets, at random but in each run the same. All else
 * passes, in both directions. It notes how large the payloads are that go to the server.
 */
export class LossyUdp {
  /** Share of RTP packets from the server that are lost, 0 to 1. */
  loss = 0;
  /** The same of those to the server. */
  sentLoss = 0;
  lost = 0;
  passed = 0;
  /**
   * Bytes of each RTP payload to the server, in order, the SRTP tag included. Not of padding, by
   * which a browser tries out at the beginning how much the network carries.
   */
  readonly sentSizes: number[] = [];
  /** Numbers of all RTP header extensions in packets to the server. SRTP does not hide them. */
  readonly sentExtensions = new Set<number>();
  readonly #ports = new Map<number, Promise<number>>();
  readonly #sockets = new Set<Socket>();
  #random = 1;

  /** The port on which this network takes packets for that port of the server. */
  portFor(serverPort: number): Promise<number> {
    const known = this.#ports.get(serverPort) ?? this.#open(serverPort);
    this.#ports.set(serverPort, known);
    return known;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
  }

  async #open(serverPort: number): Promise<number> {
    const front = await this.#bind();
    const ways = new Map<string, Promise<Socket>>();
    front.on("message", (packet, { address, port }) => {
      if (isRtp(packet) && !isPadding(packet)) {
        this.sentSizes.push(packet.length - rtpHeaderBytes(packet));
        for (const id of extensionsOf(packet)) this.sentExtensions.add(id);
      }
      if (isRtp(packet) && this.#nextRandom() < this.sentLoss) return;
      const client = `${address} ${port}`;
      const way = ways.get(client) ?? this.#wayBack(front, address, port);
      ways.set(client, way);
      void way.then((socket) => {
        if (this.#sockets.has(socket)) socket.send(packet, serverPort, "127.0.0.1");
      });
    });
    return portOf(front);
  }

  /** The socket that stands for one client before the server. */
  async #wayBack(front: Socket, address: string, port: number): Promise<Socket> {
    const socket = await this.#bind();
    socket.on("message", (packet) => {
      if (isRtp(packet)) {
        if (this.#nextRandom() < this.loss) {
          this.lost += 1;
          return;
        }
        this.passed += 1;
      }
      if (this.#sockets.has(front)) front.send(packet, port, address);
    });
    return socket;
  }

  async #bind(): Promise<Socket> {
    const socket = createSocket("udp4");
    this.#sockets.add(socket);
    await new Promise<void>((resolve) => {
      socket.bind(0, "127.0.0.1", resolve);
    });
    return socket;
  }

  /** Park and Miller's generator: quick, and the same in each run. */
  #nextRandom(): number {
    this.#random = (this.#random * 48_271) % 0x7fff_ffff;
    return this.#random / 0x7fff_ffff;
  }
}

/** Fixed header, contributing sources and extensions: RFC 3550 section 5.1. */
function rtpHeaderBytes(packet: Buffer): number {
  const [first = 0] = packet;
  const fixed = 12 + (first & 0xf) * 4;
  const hasExtension = (first & 0x10) !== 0;
  return hasExtension ? fixed + 4 + packet.readUInt16BE(fixed + 2) * 4 : fixed;
}

/** RFC 8285, section 4.2 (one byte for number and length) and 4.3 (a byte for each). */
function extensionsOf(packet: Buffer): number[] {
  const [first = 0] = packet;
  if ((first & 0x10) === 0) return [];
  const start = 12 + (first & 0xf) * 4;
  const isOneByte = packet.readUInt16BE(start) === 0xbede;
  const end = start + 4 + packet.readUInt16BE(start + 2) * 4;
  const ids: number[] = [];
  for (let at = start + 4; at < end;) {
    const byte = packet[at] ?? 0;
    at += 1;
    if (byte === 0) continue;
    ids.push(isOneByte ? byte >> 4 : byte);
    at += isOneByte ? (byte & 0xf) + 1 : 1 + (packet[at] ?? 0);
  }
  return ids;
}

function portOf(socket: Socket): number {
  const address: AddressInfo = socket.address();
  return address.port;
}
