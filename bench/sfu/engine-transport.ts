import type {
  EngineCommands,
  MediaEngine,
  TransportRef,
  TransportStart,
} from "../../loadtest/engine/media-engine.ts";
import { transportState } from "../../test/support/engine-lab.ts";

/** What a transport needs to know of the server. */
export type ServerEnd = Omit<TransportStart, "participant" | "direction">;
/** What a server needs to know of the generator's end. */
export type OwnEnd = EngineCommands["transport:create"]["output"];

/**
 * Connects one transport of the generator. `exchange` tells the server of this end and gives back
 * the server's. Resolves when media can flow.
 */
export async function openTransport(
  engine: MediaEngine,
  ref: TransportRef,
  exchange: (own: OwnEnd) => Promise<ServerEnd>,
): Promise<void> {
  const created = { ...ref, iceServers: [], relayOnly: false };
  const server = await exchange(await engine.request("transport:create", created));
  const told = transportState(engine, ref.participant, ref.direction);
  await engine.request("transport:start", { ...ref, ...server });
  const { state, message } = await told;
  if (state !== "connected") throw new Error(`${ref.participant}: ${message ?? state}`);
}
