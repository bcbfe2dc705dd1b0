import { z } from "zod";
import { LIMITS } from "./limits.ts";

const ID_BYTES = 16;
/** 16 bytes in base64url: 22 characters, the last of which carries two bits. */
const random128 = z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, "expected 16 bytes in base64url");

/** Derived from the link's secret by the clients; tells the server nothing else. */
export const roomId = random128;
/** Chosen at random by the client for one stay in one room. */
export const participantId = random128;

/** Made by the server, opaque to clients. */
const serverId = z
  .string()
  .min(1)
  .max(LIMITS.textCharacters)
  .regex(/^[A-Za-z0-9_-]+$/, "expected an id made by the server");
export const transportId = serverId;
export const producerId = serverId;
export const consumerId = serverId;
export const resumeToken = serverId;

export type RoomId = z.infer<typeof roomId>;
export type ParticipantId = z.infer<typeof participantId>;
export type TransportId = z.infer<typeof transportId>;
export type ProducerId = z.infer<typeof producerId>;
export type ConsumerId = z.infer<typeof consumerId>;

/** Length in bytes of what room and participant ids encode. */
export const RANDOM_ID_BYTES = ID_BYTES;
