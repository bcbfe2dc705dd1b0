import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** A TCP proxy whose plug can be pulled, on loopback unless another address is given. */
export interface CuttableProxy {
  readonly port: number;
  /** Breaks all connections, and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  /** The connections that there are pass nothing more, and nobody is told; new ones are as ever. */
  swallow(): void;
  /** Where new connections go from now on. */
  redirect(targetPort: number): void;
  close(): Promise<void>;
}

export async function startCuttableProxy(
  targetPort: number,
  host = "127.0.0.1",
): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let target = targetPort;
  const server = createServer((downstream) => {
    if (isCut) {
      downstream.destroy();
      return;
    }
    const upstream = connect(target, "127.0.0.1");
    for (const [socket, other] of [
      [downstream, upstream],
      [upstream, downstream],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
    swallow() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    redirect(port) {
      target = port;
    },
    close() {
      breakAll();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
