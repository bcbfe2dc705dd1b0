import { z } from "zod";
import { PROTOCOL_VERSION } from "./version.ts";

/** Sent as Socket.IO's `auth` payload when a client connects. */
export const handshake = z.strictObject({ protocol: z.int().min(1).max(0xffff) });
export type Handshake = z.infer<typeof handshake>;

export const ownHandshake: Handshake = { protocol: PROTOCOL_VERSION };

/** Carried as `data` by Socket.IO's `connect_error` when a server refuses a connection. */
export const connectRefusal = z.object({ code: z.string(), message: z.string() });
