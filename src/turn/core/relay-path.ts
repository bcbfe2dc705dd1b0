import type { Endpoint } from "../ip/address.ts";
import { emptyEndpoint } from "../ip/address.ts";
import { attribute, messageClass, method } from "../wire/stun.ts";
import type { StunReader } from "../wire/stun-reader.ts";
import { StunWriter } from "../wire/stun-writer.ts";
import type { Allocation } from "./allocation.ts";
import type { Channel, Permission } from "./peer-book.ts";
import type { Scratch } from "./scratch.ts";
import { TransactionIds } from "./transaction-ids.ts";
import type { TurnState } from "./turn-state.ts";

const channelHeaderBytes = 4;
/** What fits into one UDP datagram together with the largest headers. */
const payloadBytesMax = 65_000;

/** Moves data between clients and peers: synchronous, and without objects of its own per packet. */
export class RelayPath {
  readonly #state: TurnState;
  readonly #scratch: Scratch;
  readonly #writer = new StunWriter();
  readonly #ids = new TransactionIds();
  readonly #peer: Endpoint = emptyEndpoint();

  constructor(state: TurnState, scratch: Scratch) {
    this.#state = state;
    this.#scratch = scratch;
  }

  /** ChannelData from a client (RFC 8656 section 12.6). Padding may follow it on any transport. */
  fromChannel(allocation: Allocation, buffer: Buffer, start: number, end: number): void {
    const { counters, clock } = this.#state;
    const length = buffer.readUInt16BE(start + 2);
    const dataAt = start + channelHeaderBytes;
    if (dataAt + length > end) {
      counters.dropped("malformed");
      return;
    }
    const nowMs = clock.now();
    const channel = allocation.peers.channel(buffer.readUInt16BE(start), nowMs);
    if (channel === undefined) {
      counters.dropped("no-channel");
      return;
    }
    if (channel.permission.expiresAtMs <= nowMs) {
      counters.dropped("no-permission");
      return;
    }
    const { permission, peer } = channel;
    this.#toPeer(allocation, buffer, dataAt, length, permission, peer.port, nowMs);
  }

  /** A Send indication (RFC 8656 section 11.2): DATA may be empty, and must be there. */
  fromSend(allocation: Allocation, message: StunReader): void {
    const { counters, clock, policy } = this.#state;
    const dataAt = message.at(attribute.data);
    const peer = this.#peer;
    const wellFormed = message.peerCount === 1 && message.peer(0, peer) && dataAt >= 0;
    if (!wellFormed || message.hasUnknown || message.has(attribute.dontFragment)) {
      counters.dropped("malformed");
      return;
    }
    const refused = policy.refusalOf(peer);
    if (refused !== undefined) {
      counters.peerRefused(refused);
      counters.dropped("peer-denied");
      return;
    }
    const nowMs = clock.now();
    const permission = allocation.peers.permissionTo(peer, nowMs);
    if (permission === undefined) {
      counters.dropped("no-permission");
      return;
    }
    const length = message.buffer.readUInt16BE(dataAt + 2);
    this.#toPeer(allocation, message.buffer, dataAt + 4, length, permission, peer.port, nowMs);
  }

  /** A datagram at the relayed address (RFC 8656 section 11.3 and 12.7). */
  fromPeer(allocation: Allocation, packet: Buffer, address: string, port: number): void {
    const { counters, clock } = this.#state;
    const nowMs = clock.now();
    const channel = allocation.peers.channelFrom(address, port, nowMs);
    const permission = channel?.permission ?? allocation.peers.permissionFrom(address, nowMs);
    if (permission === undefined || permission.expiresAtMs <= nowMs) {
      counters.dropped("no-permission");
      return;
    }
    if (packet.length > payloadBytesMax) {
      counters.dropped("malformed");
      return;
    }
    if (channel === undefined && !this.#mayReach(permission, port)) {
      counters.dropped("peer-denied");
      return;
    }
    if (!allocation.toClient.take(packet.length, nowMs)) {
      counters.dropped("bandwidth");
      return;
    }
    const length =
      channel === undefined
        ? this.#dataIndication(permission, port, packet)
        : this.#channelData(channel, packet);
    if (!allocation.link.send(this.#scratch, length)) {
      counters.dropped("queue-full");
      return;
    }
    counters.total("packetsToClients");
    counters.total("bytesToClients", packet.length);
  }

  #toPeer(
    allocation: Allocation,
    buffer: Buffer,
    start: number,
    length: number,
    permission: Permission,
    port: number,
    nowMs: number,
  ): void {
    const { counters } = this.#state;
    if (!allocation.fromClient.take(length, nowMs)) {
      counters.dropped("bandwidth");
      return;
    }
    if (!allocation.relay.socket.send(buffer, start, length, port, permission.address)) {
      counters.dropped("queue-full");
      return;
    }
    counters.total("packetsFromClients");
    counters.total("bytesFromClients", length);
  }

  /** The permission covers the address; the policy may leave out this port of it. */
  #mayReach(permission: Permission, port: number): boolean {
    return this.#state.policy.refusalOf(this.#name(permission, port)) === undefined;
  }

  /** The peer as the client names it. */
  #name(permission: Permission, port: number): Endpoint {
    const { family, w0, w1, w2, w3 } = permission.peer;
    this.#peer.family = family;
    this.#peer.w0 = w0;
    this.#peer.w1 = w1;
    this.#peer.w2 = w2;
    this.#peer.w3 = w3;
    this.#peer.port = port;
    return this.#peer;
  }

  #channelData(channel: Channel, packet: Buffer): number {
    const { buffer } = this.#scratch;
    buffer.writeUInt16BE(channel.number, 0);
    buffer.writeUInt16BE(packet.length, 2);
    packet.copy(buffer, channelHeaderBytes);
    return channelHeaderBytes + packet.length;
  }

  #dataIndication(permission: Permission, port: number, packet: Buffer): number {
    return this.#writer
      .begin(this.#scratch.buffer, method.data, messageClass.indication, this.#ids.next(), 0)
      .address(attribute.xorPeerAddress, this.#name(permission, port))
      .bytes(attribute.data, packet).length;
  }
}
