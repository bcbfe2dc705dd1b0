import type { RemoteInfo, Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Scratch } from "../core/scratch.ts";

/** Asked of the kernel, which may give less: bursts of video must fit. */
const kernelBufferBytes = 4 * 1024 * 1024;

export type DatagramHandler = (packet: Buffer, from: RemoteInfo) => void;

export interface UdpSocketOptions {
  readonly address: string;
  readonly port: number;
  /** Bytes that may wait for the kernel; what comes on top is dropped. */
  readonly queueBytesMax: number;
  readonly onDatagram: DatagramHandler;
}

/** A bound UDP socket that sends without waiting and never fails because of a single packet. */
export class UdpSocket {
  readonly #socket: Socket;
  readonly #queueBytesMax: number;
  #closed = false;

  /** Throws the system's error when the address and port can't be bound. */
  constructor(options: UdpSocketOptions) {
    this.#queueBytesMax = options.queueBytesMax;
    const family = isIPv6(options.address) ? 6 : 4;
    this.#socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      ipv6Only: family === 6,
      recvBufferSize: kernelBufferBytes,
      sendBufferSize: kernelBufferBytes,
      // All addresses are literal. A synchronous look-up makes both bind and send synchronous.
      lookup: (address, _options, callback) => {
        callback(null, address, family);
      },
    });
    this.#bind(options);
    this.#socket.on("message", options.onDatagram);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** The bytes must not change afterwards. Returns false when the packet was dropped. */
  send(buffer: Buffer, start: number, length: number, port: number, address: string): boolean {
    if (this.#closed || this.#socket.getSendQueueSize() > this.#queueBytesMax) return false;
    this.#socket.send(buffer, start, length, port, address);
    return true;
  }

  /** Sends from a buffer that is used again: it is renewed when the kernel did not take the bytes. */
  sendScratch(scratch: Scratch, length: number, port: number, address: string): boolean {
    if (this.#closed) return false;
    const waiting = this.#socket.getSendQueueSize();
    if (waiting > this.#queueBytesMax) return false;
    if (waiting > 0) {
      this.#socket.send(Buffer.from(scratch.buffer.subarray(0, length)), port, address);
      return true;
    }
    this.#socket.send(scratch.buffer, 0, length, port, address);
    if (this.#socket.getSendQueueCount() > 0) scratch.renew();
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  #bind({ address, port }: UdpSocketOptions): void {
    let failure: Error | undefined = new Error("the socket did not bind at once");
    this.#socket.once("listening", () => {
      failure = undefined;
    });
    this.#socket.on("error", (error) => {
      // After the bind: ICMP errors and the like, which concern single packets.
      failure = error;
    });
    this.#socket.bind({ address, port, exclusive: true });
    if (failure === undefined) return;
    this.close();
    throw failure;
  }
}
