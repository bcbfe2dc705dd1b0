import type { Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { freePort } from "./free-port.ts";

/** A way over loopback to a UDP port, on which answers take longer. */
export class DelayedUdp {
  readonly port: number;
  readonly #front: Socket;
  readonly #ways = new Map<string, Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();

  static async open(targetPort: number, delayMs: number): Promise<DelayedUdp> {
    // Free for TCP too: what is tried there shall be refused, not reach somebody else.
    const port = await freePort();
    const front = createSocket("udp4").bind(port, "127.0.0.1");
    await once(front, "listening");
    return new DelayedUdp(front, port, targetPort, delayMs);
  }

  private constructor(front: Socket, port: number, targetPort: number, delayMs: number) {
    this.#front = front;
    this.port = port;
    front.on("message", (packet, { address, port: from }) => {
      const client = `${address} ${from}`;
      const way = this.#ways.get(client) ?? createSocket("udp4");
      if (!this.#ways.has(client)) {
        this.#ways.set(client, way);
        way.on("message", (answer) => {
          this.#later(delayMs, () => front.send(answer, from, address));
        });
      }
      way.send(packet, targetPort, "127.0.0.1");
    });
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of [this.#front, ...this.#ways.values()]) socket.close();
  }

  #later(delayMs: number, send: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send();
    }, delayMs);
    this.#timers.add(timer);
  }
}
