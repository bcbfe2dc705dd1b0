import type { OwnAddresses } from "../peer-policy.ts";
import type { ClientLink } from "./client-link.ts";

/** A TURN server without sockets towards clients: what listeners hand messages to. */
export interface RelayCore {
  readonly allocations: number;
  protect(own: OwnAddresses): void;
  /** Whether the link has an allocation, and so its sender a credential. */
  serves(link: ClientLink): boolean;
  /** One message: on UDP a datagram, on a stream what the framer cut out. Never throws. */
  receive(buffer: Buffer, start: number, end: number, link: ClientLink): void;
  /** The client's connection has ended, and its allocation with it. */
  linkClosed(link: ClientLink): void;
  useSecrets(secrets: readonly string[]): void;
  /** From now on there are no new allocations. */
  drain(): void;
  close(reason: string): void;
}
