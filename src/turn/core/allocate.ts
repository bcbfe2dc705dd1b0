import type { Endpoint } from "../ip/address.ts";
import { attribute, familyCode, udpProtocol } from "../wire/stun.ts";
import type { StunReader } from "../wire/stun-reader.ts";
import type { Allocation } from "./allocation.ts";
import type { AuthenticRequest } from "./authentic-request.ts";
import { grantedLifetimeMs } from "./lifetime.ts";
import type { Relay } from "./relay-pool.ts";
import type { Refusal, Reply } from "./reply.ts";
import { refusal, success } from "./reply.ts";
import type { TurnState } from "./turn-state.ts";

interface Wish {
  readonly family: 4 | 6;
  readonly even: boolean;
  readonly reserveNext: boolean;
  readonly token: Buffer | undefined;
  /** IPv6 besides IPv4 was asked for: this server gives one address, and says so. */
  readonly additional: boolean;
}

interface Grant {
  readonly relay: Relay;
  readonly token: Buffer | undefined;
}

/** RFC 8656 section 7.2. `onAllocated` wires the relay socket to the data path. */
export function allocate(
  state: TurnState,
  request: AuthenticRequest,
  onAllocated: (allocation: Allocation) => void,
): Reply {
  const { message, link, identity } = request;
  const transactionId = Buffer.from(message.buffer.subarray(message.start + 8, message.start + 20));
  const existing = request.allocation;
  if (existing !== undefined) {
    const same = existing.transactionId.equals(transactionId);
    const mine = existing.identity.username === identity.username;
    if (!same || !mine) return refusal(437, "allocation-exists");
    return granted(state, existing, link.remote, false);
  }
  const wish = readWish(state, message);
  if ("ok" in wish) return wish;
  const grant = grantRelay(state, wish, identity.id);
  if ("ok" in grant) return grant;
  const { limits } = state.options;
  const allocation = state.allocations.create(
    {
      link,
      identity,
      relay: grant.relay,
      transactionId,
      lifetimeMs: grantedLifetimeMs(message.uint32(attribute.lifetime), limits),
      nowMs: state.clock.now(),
      reservationToken: grant.token,
    },
    state.pool,
  );
  onAllocated(allocation);
  return granted(state, allocation, link.remote, wish.additional);
}

function readWish(state: TurnState, message: StunReader): Wish | Refusal {
  if (!message.has(attribute.requestedTransport)) return refusal(400, "bad-request");
  const protocol = message.uint8(attribute.requestedTransport, 4);
  if (protocol === undefined) return refusal(400, "bad-request");
  if (protocol !== udpProtocol) return refusal(442, "transport-unsupported");
  const requested = familyOf(message, attribute.requestedAddressFamily);
  const additional = familyOf(message, attribute.additionalAddressFamily);
  const evenPort = message.uint8(attribute.evenPort, 1);
  const token = message.value(attribute.reservationToken);
  const reserveNext = evenPort !== undefined && (evenPort & 0x80) !== 0;
  if (
    requested === "malformed" ||
    additional === "malformed" ||
    (message.has(attribute.evenPort) && evenPort === undefined) ||
    (message.has(attribute.lifetime) && message.uint32(attribute.lifetime) === undefined) ||
    (token !== undefined && token.length !== 8) ||
    (token !== undefined && (requested ?? additional ?? evenPort) !== undefined) ||
    (additional !== undefined && (requested !== undefined || additional === 4 || reserveNext))
  ) {
    return refusal(400, "bad-request");
  }
  if (requested === "unsupported") return refusal(440, "family-unsupported");
  // RFC 8656 section 7.2: without the attribute the client means IPv4.
  const family = requested ?? 4;
  if (token === undefined && !state.pool.serves(family)) {
    return refusal(440, "family-unsupported");
  }
  return {
    family,
    even: evenPort !== undefined,
    reserveNext,
    token: token === undefined ? undefined : Buffer.from(token),
    additional: additional !== undefined,
  };
}

function grantRelay(state: TurnState, wish: Wish, credentialId: string): Grant | Refusal {
  const { quota, pool, allocations } = state;
  if (state.draining) return refusal(508, "draining");
  if (!allocations.hasRoom) return refusal(508, "capacity");
  if (wish.token !== undefined) {
    const relay = pool.claim(wish.token, credentialId);
    return relay === undefined ? refusal(508, "reservation-unknown") : { relay, token: undefined };
  }
  if (!quota.hasRoom(credentialId, wish.reserveNext ? 2 : 1)) {
    return refusal(486, "credential-quota");
  }
  if (wish.reserveNext) {
    return pool.openPair(wish.family, credentialId) ?? refusal(508, "capacity");
  }
  const relay = pool.open(wish.family, wish.even);
  return relay === undefined ? refusal(508, "capacity") : { relay, token: undefined };
}

function granted(
  state: TurnState,
  allocation: Allocation,
  mapped: Endpoint,
  additional: boolean,
): Reply {
  return success((writer) => {
    writer.address(attribute.xorRelayedAddress, allocation.relayed);
    writer.address(attribute.xorMappedAddress, mapped);
    writer.uint32(attribute.lifetime, allocation.remainingS(state.clock.now()));
    if (allocation.reservationToken !== undefined) {
      writer.bytes(attribute.reservationToken, allocation.reservationToken);
    }
    if (additional) writer.addressError(familyCode[6], 440, "Address Family not Supported");
  });
}

function familyOf(
  message: StunReader,
  type: number,
): 4 | 6 | "unsupported" | "malformed" | undefined {
  if (!message.has(type)) return undefined;
  const code = message.uint8(type, 4);
  if (code === undefined) return "malformed";
  if (code === familyCode[4]) return 4;
  return code === familyCode[6] ? 6 : "unsupported";
}
