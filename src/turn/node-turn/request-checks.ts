import { grantedLifetimeMs } from "../core/lifetime.ts";
import type { Refusal } from "../core/reply.ts";
import { refusal } from "../core/reply.ts";
import { emptyEndpoint } from "../ip/address.ts";
import type { TurnLimits } from "../turn-options.ts";
import { attribute, familyCode, method } from "../wire/stun.ts";
import type { StunReader } from "../wire/stun-reader.ts";
import type { HeldAllocation } from "./fenced-allocations.ts";

/** What node-turn would drop, or take wrongly, is answered before it sees it. */
export function refusalBeforePackage(
  message: StunReader,
  held: HeldAllocation | undefined,
): Refusal | undefined {
  const unknown = [...message.unknown];
  if (message.has(attribute.dontFragment)) unknown.push(attribute.dontFragment);
  if (unknown.length > 0) {
    return refusal(420, "unknown-attribute", (writer) => writer.unknownAttributes(unknown));
  }
  const lifetime = attribute.lifetime;
  if (message.has(lifetime) && message.uint32(lifetime) === undefined) {
    return refusal(400, "bad-request");
  }
  if (message.method === method.allocate) return refusalOfAllocate(message);
  if (held === undefined) return undefined;
  if (message.method === method.refresh) return refusalOfRefresh(message);
  return message.method === method.binding ? undefined : refusalOfPeers(message);
}

function refusalOfAllocate(message: StunReader): Refusal | undefined {
  const family = message.uint8(attribute.requestedAddressFamily, 4);
  const token = message.value(attribute.reservationToken);
  const additional = message.has(attribute.additionalAddressFamily);
  const malformed =
    (message.has(attribute.requestedTransport) &&
      message.uint8(attribute.requestedTransport, 4) === undefined) ||
    (message.has(attribute.evenPort) && message.uint8(attribute.evenPort, 1) === undefined) ||
    (message.has(attribute.requestedAddressFamily) && family === undefined) ||
    (token !== undefined &&
      (token.length !== 8 || message.has(attribute.evenPort) || family !== undefined)) ||
    (additional && family !== undefined);
  if (malformed) return refusal(400, "bad-request");
  if (family !== undefined && family !== familyCode[4]) {
    return refusal(440, "family-unsupported");
  }
  // There are no reservations, so no token is known; and the package throws on EVEN-PORT.
  if (token !== undefined) return refusal(508, "reservation-unknown");
  return message.has(attribute.evenPort) ? refusal(508, "capacity") : undefined;
}

function refusalOfRefresh(message: StunReader): Refusal | undefined {
  if (!message.has(attribute.requestedAddressFamily)) return undefined;
  const family = message.uint8(attribute.requestedAddressFamily, 4);
  return family === familyCode[4] ? undefined : refusal(443, "peer-family");
}

function refusalOfPeers(message: StunReader): Refusal | undefined {
  const peer = emptyEndpoint();
  for (let index = 0; index < message.peerCount; index += 1) {
    if (!message.peer(index, peer)) return refusal(400, "bad-request");
    if (peer.family !== 4) return refusal(443, "peer-family");
  }
  if (message.method !== method.channelBind) return undefined;
  const number = message.uint16(attribute.channelNumber, 4);
  if (number === undefined || message.peerCount !== 1) return refusal(400, "bad-request");
  return undefined;
}

/** Seconds, for requests that have a lifetime; 0 ends the allocation. */
export function grantedFor(
  message: StunReader,
  held: HeldAllocation | undefined,
  limits: TurnLimits,
  nowMs: number,
): number | undefined {
  if (message.method !== method.allocate && message.method !== method.refresh) return undefined;
  const requestedS = message.uint32(attribute.lifetime);
  if (message.method === method.refresh && requestedS === 0) return 0;
  const leftMs = held === undefined ? limits.allocationAgeMaxMs : held.socket.endsAtMs - nowMs;
  // At least one second: the package takes less for an end that it then reports as a success.
  return Math.max(1, Math.round(Math.min(grantedLifetimeMs(requestedS, limits), leftMs) / 1_000));
}
