import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, isIPv6 } from "node:net";
import type { TurnListenerOptions } from "../turn-options.ts";
import { messageClass, method } from "../wire/stun.ts";
import { StunWriter } from "../wire/stun-writer.ts";
import { isNamed } from "./peer-lists.ts";

const attemptMs = 100;

/** Asks until somebody answers, or until `signal` says that it is enough: then false. */
export async function answers(
  { protocol, address, port }: TurnListenerOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const v6 = isIPv6(address);
  const named = isNamed(address) ? address : v6 ? "::1" : "127.0.0.1";
  while (!signal.aborted) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]);
    const ask = protocol === "udp" ? askOverUdp : askOverTcp;
    if (await ask(named, port, patience)) return true;
  }
  return false;
}

async function askOverUdp(address: string, port: number, signal: AbortSignal): Promise<boolean> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  try {
    const buffer = Buffer.alloc(64);
    const { length } = new StunWriter()
      .begin(buffer, method.binding, messageClass.request, randomBytes(12), 0)
      .fingerprint();
    const answered = once(socket, "message", { signal });
    socket.send(buffer, 0, length, port, address);
    await answered;
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function askOverTcp(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal });
    return true;
  } catch {
    // Refused while it starts: a little later it may not be.
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
      if (signal.aborted) resolve(undefined);
    });
    return false;
  } finally {
    socket.on("error", () => {});
    socket.destroy();
  }
}
