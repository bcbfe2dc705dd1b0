import type { Endpoint } from "../ip/address.ts";
import { emptyEndpoint } from "../ip/address.ts";
import type { PeerRefusal } from "../peer-policy.ts";
import { attribute, familyCode, firstChannel, lastChannel } from "../wire/stun.ts";
import type { Allocation } from "./allocation.ts";
import type { AuthenticRequest } from "./authentic-request.ts";
import { grantedLifetimeMs } from "./lifetime.ts";
import type { Refusal, Reply } from "./reply.ts";
import { refusal, success } from "./reply.ts";
import type { TurnState } from "./turn-state.ts";

/** A handler of a request that needs an allocation, which is given to it. */
type AllocationRequest = (
  state: TurnState,
  request: AuthenticRequest,
  allocation: Allocation,
) => Reply;

/** RFC 8656 section 5: the allocation must be there, and must be the sender's. */
export function onAllocation(
  state: TurnState,
  request: AuthenticRequest,
  handle: AllocationRequest,
): Reply {
  const { allocation, identity } = request;
  if (allocation === undefined) return refusal(437, "no-allocation");
  if (allocation.identity.username !== identity.username) return refusal(441, "wrong-credential");
  return handle(state, request, allocation);
}

/** RFC 8656 section 8.2. A lifetime of 0 ends the allocation. */
export function refresh(
  state: TurnState,
  { message }: AuthenticRequest,
  allocation: Allocation,
): Reply {
  const requestedS = message.uint32(attribute.lifetime);
  if (message.has(attribute.lifetime) && requestedS === undefined) {
    return refusal(400, "bad-request");
  }
  if (message.has(attribute.requestedAddressFamily)) {
    const code = message.uint8(attribute.requestedAddressFamily, 4);
    if (code !== familyCode[allocation.relayed.family]) return refusal(443, "peer-family");
  }
  const nowMs = state.clock.now();
  if (requestedS === 0) {
    state.allocations.end(allocation);
    return success((writer) => writer.uint32(attribute.lifetime, 0));
  }
  allocation.refresh(nowMs, grantedLifetimeMs(requestedS, state.options.limits));
  return success((writer) => writer.uint32(attribute.lifetime, allocation.remainingS(nowMs)));
}

/** RFC 8656 section 10.2: all of the peers get a permission, or none does. */
export function createPermission(
  state: TurnState,
  { message }: AuthenticRequest,
  allocation: Allocation,
): Reply {
  const peers: Endpoint[] = [];
  for (let index = 0; index < message.peerCount; index += 1) {
    const peer = emptyEndpoint();
    if (!message.peer(index, peer)) return refusal(400, "bad-request");
    const refused = refusalOf(state, allocation, peer, state.policy.refusalOfAddress(peer));
    if (refused !== undefined) return refused;
    peers.push(peer);
  }
  if (peers.length === 0) return refusal(400, "bad-request");
  if (!allocation.peers.hasRoomFor(peers)) return refusal(508, "permission-limit");
  const nowMs = state.clock.now();
  for (const peer of peers) allocation.peers.permit(peer, nowMs);
  return success();
}

/** RFC 8656 section 12.2. */
export function bindChannel(
  state: TurnState,
  { message }: AuthenticRequest,
  allocation: Allocation,
): Reply {
  const number = message.uint16(attribute.channelNumber, 4);
  const peer = emptyEndpoint();
  const wellFormed = number !== undefined && message.peerCount === 1 && message.peer(0, peer);
  if (!wellFormed || number < firstChannel || number > lastChannel) {
    return refusal(400, "bad-request");
  }
  const refused = refusalOf(state, allocation, peer, state.policy.refusalOf(peer));
  if (refused !== undefined) return refused;
  const result = allocation.peers.bind(number, peer, state.clock.now());
  if (result === "bound") return success();
  return result === "conflict" ? refusal(400, "bad-request") : refusal(508, result);
}

/** The policy speaks first on IPv4 inside IPv6, so that such tricks are counted as what they are. */
function refusalOf(
  state: TurnState,
  allocation: Allocation,
  peer: Endpoint,
  denied: PeerRefusal | undefined,
): Refusal | undefined {
  if (denied !== "embedded-ipv4" && peer.family !== allocation.relayed.family) {
    return refusal(443, "peer-family");
  }
  if (denied === undefined) return undefined;
  state.counters.peerRefused(denied);
  return refusal(403, "peer-denied");
}
