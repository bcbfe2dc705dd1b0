import type { Endpoint } from "../ip/address.ts";
import { formatAddress } from "../ip/address.ts";
import type { TurnLimits } from "../turn-options.ts";
import type { TurnCounters } from "../turn-stats.ts";
import { EndpointTable } from "./endpoint-table.ts";
import type { RelayPool } from "./relay-pool.ts";

/** RFC 8656 section 9: fixed, so that clients know it. */
const permissionMs = 300_000;
/** RFC 8656 section 12. */
const channelMs = 600_000;

/** Leave to exchange packets with all ports of one address. */
export interface Permission {
  /** As the client names it; the port means nothing. */
  readonly peer: Endpoint;
  /** As packets are sent to it and come from it; differs behind a 1:1 NAT. */
  readonly address: string;
  expiresAtMs: number;
  /** Channels that stand on it keep it in the book, though not in force. */
  channels: number;
}

export interface Channel {
  readonly number: number;
  readonly peer: Endpoint;
  readonly permission: Permission;
  expiresAtMs: number;
}

export type BindResult = "bound" | "conflict" | "permission-limit" | "channel-limit";

/** The permissions and channels of one allocation. */
export class PeerBook {
  readonly #limits: TurnLimits;
  readonly #pool: RelayPool;
  readonly #counters: TurnCounters;
  /** By the address that packets come from. */
  readonly #permissions = new Map<string, Permission>();
  /** By the IPv4 word that clients name, so that a Send indication is looked up without a string. */
  readonly #permissionsByWord = new Map<number, Permission>();
  readonly #channels = new Map<number, Channel>();
  readonly #channelsByPeer = new EndpointTable<Channel>();

  constructor(limits: TurnLimits, pool: RelayPool, counters: TurnCounters) {
    this.#limits = limits;
    this.#pool = pool;
    this.#counters = counters;
  }

  /** Permission and channel look-ups return what is in force at `nowMs`, else undefined. */
  permissionFrom(address: string, nowMs: number): Permission | undefined {
    return inForce(this.#permissions.get(address), nowMs);
  }

  permissionTo(peer: Endpoint, nowMs: number): Permission | undefined {
    const permission =
      peer.family === 4
        ? this.#permissionsByWord.get(peer.w0)
        : this.#permissions.get(this.#addressOf(peer));
    return inForce(permission, nowMs);
  }

  channel(number: number, nowMs: number): Channel | undefined {
    return inForce(this.#channels.get(number), nowMs);
  }

  channelFrom(address: string, port: number, nowMs: number): Channel | undefined {
    return inForce(this.#channelsByPeer.get(address, port), nowMs);
  }

  /** Whether all of `peers` can have a permission, for requests that install all or none. */
  hasRoomFor(peers: readonly Endpoint[]): boolean {
    const fresh = new Set(peers.map((peer) => this.#addressOf(peer)));
    for (const address of this.#permissions.keys()) fresh.delete(address);
    return this.#permissions.size + fresh.size <= this.#limits.permissionsPerAllocation;
  }

  /** Installs or refreshes. The caller has asked the policy and `hasRoomFor`. */
  permit(peer: Endpoint, nowMs: number): Permission {
    const address = this.#addressOf(peer);
    const known = this.#permissions.get(address);
    if (known !== undefined) {
      known.expiresAtMs = nowMs + permissionMs;
      return known;
    }
    const permission = {
      peer: { ...peer, port: 0 },
      address,
      expiresAtMs: nowMs + permissionMs,
      channels: 0,
    };
    this.#permissions.set(address, permission);
    if (peer.family === 4) this.#permissionsByWord.set(peer.w0, permission);
    this.#counters.gauge("permissions", 1);
    return permission;
  }

  /**
   * RFC 8656 section 12.2: a number belongs to one peer and a peer has one number, until the
   * binding expires. Binding the same again refreshes it, and the permission in any case.
   */
  bind(number: number, peer: Endpoint, nowMs: number): BindResult {
    const byNumber = this.channel(number, nowMs);
    const byPeer = this.channelFrom(this.#addressOf(peer), peer.port, nowMs);
    if (byNumber !== byPeer) return "conflict";
    if (byNumber !== undefined) {
      byNumber.expiresAtMs = nowMs + channelMs;
      this.permit(peer, nowMs);
      return "bound";
    }
    this.sweep(nowMs);
    if (this.#channels.size >= this.#limits.channelsPerAllocation) return "channel-limit";
    if (!this.hasRoomFor([peer])) return "permission-limit";
    const permission = this.permit(peer, nowMs);
    permission.channels += 1;
    const channel = { number, peer: { ...peer }, permission, expiresAtMs: nowMs + channelMs };
    this.#channels.set(number, channel);
    this.#channelsByPeer.set(permission.address, peer.port, channel);
    this.#counters.gauge("channels", 1);
    return "bound";
  }

  /** Forgets what has expired. */
  sweep(nowMs: number): void {
    for (const channel of this.#channels.values()) {
      if (channel.expiresAtMs <= nowMs) this.#unbind(channel);
    }
    for (const permission of this.#permissions.values()) {
      if (permission.expiresAtMs <= nowMs && permission.channels === 0) this.#revoke(permission);
    }
  }

  clear(): void {
    for (const channel of this.#channels.values()) this.#unbind(channel);
    for (const permission of this.#permissions.values()) this.#revoke(permission);
  }

  #unbind(channel: Channel): void {
    this.#channels.delete(channel.number);
    this.#channelsByPeer.delete(channel.permission.address, channel.peer.port);
    channel.permission.channels -= 1;
    this.#counters.gauge("channels", -1);
  }

  #revoke(permission: Permission): void {
    this.#permissions.delete(permission.address);
    if (permission.peer.family === 4) this.#permissionsByWord.delete(permission.peer.w0);
    this.#counters.gauge("permissions", -1);
  }

  #addressOf(peer: Endpoint): string {
    return formatAddress(this.#pool.localOf(peer));
  }
}

function inForce<Entry extends { expiresAtMs: number }>(
  entry: Entry | undefined,
  nowMs: number,
): Entry | undefined {
  return entry !== undefined && entry.expiresAtMs > nowMs ? entry : undefined;
}
