import { once } from "node:events";
import { PROTOCOL_VERSION, SIGNALING_PATH } from "../../src/protocol/index.ts";

/**
 * Speaks to the server below Socket.IO's client: whole packets, as text or bytes, right or wrong.
 * Node's own WebSocket carries them.
 */
export class RawClient implements Disposable {
  readonly socket: WebSocket;
  readonly received: string[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      this.received.push(typeof data === "string" ? data : "(bytes)");
    });
  }

  /** `handshake` is what follows Engine.IO's opening; null sends nothing. */
  static async connect(
    port: number,
    handshake: string | null = `40{"protocol":${PROTOCOL_VERSION}}`,
  ): Promise<RawClient> {
    const url = `ws://127.0.0.1:${port}${SIGNALING_PATH}/?EIO=4&transport=websocket`;
    const client = new RawClient(new WebSocket(url));
    await once(client.socket, "open");
    if (handshake !== null) {
      client.socket.send(handshake);
      await client.waitFor((packet) => packet.startsWith("40") || packet.startsWith("44"));
    }
    return client;
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  send(...packets: (string | Uint8Array<ArrayBuffer>)[]): void {
    for (const packet of packets) this.socket.send(packet);
  }

  async waitFor(fits: (packet: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      if (!this.open) throw new Error(`closed; received ${this.received.join(" ")}`);
      await Promise.race([once(this.socket, "message"), once(this.socket, "close")]);
    }
  }

  async waitForClose(): Promise<void> {
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, "close");
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}
