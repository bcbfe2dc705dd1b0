import { randomBytes } from "node:crypto";
import type { Endpoint } from "../ip/address.ts";
import { emptyEndpoint } from "../ip/address.ts";
import { readXorAddress } from "../wire/stun-reader.ts";
import { StunWriter } from "../wire/stun-writer.ts";
import { attribute, messageClass, method } from "../wire/stun.ts";
import { TurnClientError } from "./client-error.ts";
import type { WireTarget } from "./client-wire.ts";
import { openStunLink } from "./stun-link.ts";

/** How a STUN server sees this machine (RFC 8489 section 11). Rejects with `TurnClientError`. */
export async function ownAddress(target: WireTarget, timeoutMs: number): Promise<Endpoint> {
  const { transactions, close } = await openStunLink(target, timeoutMs);
  try {
    const buffer = Buffer.alloc(64);
    const { length } = new StunWriter()
      .begin(buffer, method.binding, messageClass.request, randomBytes(12), 0)
      .fingerprint();
    const answer = await transactions.ask(buffer.subarray(0, length));
    const endpoint = emptyEndpoint();
    const at = answer.at(attribute.xorMappedAddress);
    if (readXorAddress(answer.buffer, answer.start, at, endpoint)) return endpoint;
    throw new TurnClientError("bad-answer", "its answer names no address");
  } finally {
    close("asked");
  }
}
