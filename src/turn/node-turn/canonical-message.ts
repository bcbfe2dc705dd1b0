import { emptyEndpoint } from "../ip/address.ts";
import { attribute } from "../wire/stun.ts";
import type { StunReader } from "../wire/stun-reader.ts";
import { StunWriter } from "../wire/stun-writer.ts";

/** The attributes of requests and indications that node-turn makes use of, but for LIFETIME. */
const passed = [attribute.requestedTransport, attribute.channelNumber, attribute.data] as const;

/** Who has proven the request, and with what; undefined for what needs no proof. */
export interface Proof {
  readonly username: string;
  readonly realm: string;
  readonly key: Buffer;
}

/**
 * Writes what `message` says anew, with only the attributes that node-turn knows, each well-formed
 * and before MESSAGE-INTEGRITY. So the package never reads a byte that we have not understood:
 * its reader throws on attributes that it doesn't know, believes those after MESSAGE-INTEGRITY, and
 * takes `lifetimeS` for whatever it is told.
 */
export function canonicalMessage(
  message: StunReader,
  into: Buffer,
  proof: Proof | undefined,
  lifetimeS: number | undefined,
): Buffer {
  const transactionAt = message.start + 8;
  const writer = new StunWriter().begin(
    into,
    message.method,
    message.class,
    message.buffer,
    transactionAt,
  );
  const peer = emptyEndpoint();
  for (let index = 0; index < message.peerCount; index += 1) {
    if (message.peer(index, peer)) writer.address(attribute.xorPeerAddress, peer);
  }
  for (const type of passed) {
    const value = message.value(type);
    if (value !== undefined) writer.bytes(type, value);
  }
  if (lifetimeS !== undefined) writer.uint32(attribute.lifetime, lifetimeS);
  if (proof !== undefined) {
    writer
      .text(attribute.username, proof.username)
      .text(attribute.realm, proof.realm)
      // It was checked before; the package only asks whether there is one.
      .text(attribute.nonce, "checked")
      .integrity(proof.key);
  }
  if (message.has(attribute.fingerprint)) writer.fingerprint();
  return Buffer.from(into.subarray(0, writer.length));
}
