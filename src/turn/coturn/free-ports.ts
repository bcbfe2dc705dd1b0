import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { isIPv6 } from "node:net";
import { TurnEngineError } from "../turn-engine.ts";
import type { TurnListenerOptions } from "../turn-options.ts";

const attempts = 20;

/**
 * The listeners with a port each, where they had 0, after making sure that they are free: coturn
 * itself tries a port that is taken again and again. Rejects with `listen-failed`.
 */
export async function withFreePorts(
  listeners: readonly TurnListenerOptions[],
): Promise<TurnListenerOptions[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryPorts(listeners);
    } catch (error) {
      const mayRetry = listeners.some(({ port }) => port === 0) && attempt < attempts;
      if (mayRetry) continue;
      throw new TurnEngineError(
        "listen-failed",
        error instanceof Error ? error.message : String(error),
      );
    }
  }
}

async function tryPorts(listeners: readonly TurnListenerOptions[]): Promise<TurnListenerOptions[]> {
  const chosen = { plain: 0, tls: 0 };
  const result: TurnListenerOptions[] = [];
  for (const listener of listeners) {
    const kind = listener.protocol === "tls" ? "tls" : "plain";
    const port = listener.port === 0 ? chosen[kind] : listener.port;
    chosen[kind] = await boundPort({ ...listener, port });
    result.push({ ...listener, port: chosen[kind] });
  }
  return result;
}

/** Binds for a moment. */
function boundPort({ protocol, address, port }: TurnListenerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    if (protocol === "udp") {
      const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
      socket.once("error", reject);
      socket.bind({ port, address, exclusive: true }, () => {
        const bound = socket.address().port;
        socket.close(() => {
          resolve(bound);
        });
      });
      return;
    }
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: address, exclusive: true }, () => {
      const bound = server.address();
      server.close(() => {
        if (bound !== null && typeof bound === "object") resolve(bound.port);
        else reject(new Error("no TCP address"));
      });
    });
  });
}
