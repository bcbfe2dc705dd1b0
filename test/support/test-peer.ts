import type { Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { Endpoint } from "../../src/turn/ip/address.ts";
import { endpoint } from "./turn-client.ts";

/** A UDP socket on the far side of the relay. */
export class TestPeer {
  readonly #socket: Socket;
  readonly endpoint: Endpoint;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.endpoint = endpoint(address, socket.address().port);
  }

  static async open(address: string): Promise<TestPeer> {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    socket.bind(0, address);
    await once(socket, "listening");
    return new TestPeer(socket, address);
  }

  async received(): Promise<string> {
    const [bytes] = await once(this.#socket, "message", { signal: AbortSignal.timeout(20_000) });
    return String(bytes);
  }

  send(data: string | Buffer, port: number, address = "127.0.0.1"): void {
    this.#socket.send(data, port, address);
  }

  close(): void {
    this.#socket.close();
  }
}
