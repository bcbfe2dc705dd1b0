import { ProtocolError } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import { delay } from "./delay.ts";

/** Opens it. Rejects with `ProtocolError`: the server's refusal, or `disconnected` when none answers. */
export async function connectionUp(
  connection: SignalingConnection,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const up = new Promise<void>((resolve, reject) => {
    connection.events.once("connection:up", () => {
      resolve();
    });
    connection.events.once("connection:refused", reject);
  });
  connection.open();
  const patience = delay(timeoutMs, AbortSignal.any([signal, enough.signal]));
  try {
    await Promise.race([up, patience]);
  } finally {
    enough.abort();
  }
  if (!connection.connected) throw new ProtocolError("disconnected");
}
