import type { PeerPacketHandler, RelayNetwork, RelaySocket } from "../core/relay-socket.ts";
import { UdpSocket } from "./udp-socket.ts";

/** Relay ports on real sockets. */
export class RelaySockets implements RelayNetwork {
  readonly #queueBytesMax: number;

  constructor(queueBytesMax: number) {
    this.#queueBytesMax = queueBytesMax;
  }

  bind(address: string, port: number): RelaySocket | undefined {
    let handler: PeerPacketHandler | undefined;
    try {
      const socket = new UdpSocket({
        address,
        port,
        queueBytesMax: this.#queueBytesMax,
        onDatagram: (packet, from) => handler?.(packet, from.address, from.port),
      });
      return {
        port: socket.port,
        deliverTo: (next) => {
          handler = next;
        },
        send: (buffer, start, length, peerPort, peer) =>
          socket.send(buffer, start, length, peerPort, peer),
        close: () => {
          socket.close();
        },
      };
    } catch {
      // Another program has the port, or the process has no descriptors left: the caller tries
      // another port, and answers 508 when that fails as well.
      return undefined;
    }
  }
}
