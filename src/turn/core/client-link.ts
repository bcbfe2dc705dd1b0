import type { Endpoint } from "../ip/address.ts";
import type { TurnTransport } from "../turn-options.ts";
import type { Scratch } from "./scratch.ts";

/**
 * The way to one client: the 5-tuple of RFC 8656 section 2. A core knows clients by the identity of
 * this object, so its owner hands over the same one as long as it is held.
 */
export interface ClientLink {
  readonly transport: TurnTransport;
  readonly remote: Endpoint;
  /** Names the 5-tuple; nonces are bound to it. */
  readonly path: string;

  /**
   * Sends the first `length` bytes of the scratch, one message. False when it was dropped because
   * too much waits already.
   */
  send(scratch: Scratch, length: number): boolean;

  /** From now on an allocation stands on this link. */
  hold(): void;

  /** The allocation is gone; the owner may forget the link. */
  release(): void;
}
