import Address from "node-turn/lib/address.js";
import Allocation from "node-turn/lib/allocation.js";
import Message from "node-turn/lib/message.js";
import Server from "node-turn/lib/server.js";
import type Transport from "node-turn/lib/transport.js";
import type { Clock } from "../../lib/clock.ts";
import type { ClientLink } from "../core/client-link.ts";
import type { CredentialQuota } from "../core/credential-quota.ts";
import type { RelayPool } from "../core/relay-pool.ts";
import type { ErrorCode } from "../core/reply.ts";
import { phraseOf } from "../core/reply.ts";
import type { Endpoint } from "../ip/address.ts";
import { formatAddress, parseEndpoint } from "../ip/address.ts";
import type { PeerPolicy, PeerRefusal } from "../peer-policy.ts";
import type { TurnOptions } from "../turn-options.ts";
import type { RequestRefusal, TurnCounters } from "../turn-stats.ts";
import { messageClass, method, udpProtocol } from "../wire/stun.ts";
import type { FencedAllocations, HeldAllocation } from "./fenced-allocations.ts";
import type { FencedSocketParts, ProvenIdentity } from "./fenced-socket.ts";
import { FencedSocket } from "./fenced-socket.ts";

/** RFC 8656 section 12. */
const channelMs = 600_000;

export interface HookParts {
  readonly options: TurnOptions;
  readonly clock: Clock;
  readonly counters: TurnCounters;
  readonly quota: CredentialQuota;
  readonly held: FencedAllocations;
  readonly pool: RelayPool;
  readonly policy: PeerPolicy;
  readonly sendToPeer: FencedSocketParts["sendToPeer"];
  readonly fromPeer: (link: ClientLink, packet: Buffer, address: string, port: number) => void;
}

/** One message on its way through the package. */
export interface Handover {
  readonly bytes: Buffer;
  /** Undefined for Binding and Send, which need no proof. */
  readonly identity: ProvenIdentity | undefined;
  readonly held: HeldAllocation | undefined;
  readonly link: ClientLink;
  readonly lifetimeS: number | undefined;
  readonly transport: Transport;
}

/** The package's server with its hooks set. It opens no socket. */
export class PackageHooks {
  readonly server: Server;
  draining = false;
  readonly #parts: HookParts;
  readonly #handovers = new WeakMap<Message, Handover>();
  readonly #reasons = new WeakMap<Message, RequestRefusal>();
  #identity: ProvenIdentity | undefined;

  constructor(parts: HookParts) {
    this.#parts = parts;
    const server = new Server({
      realm: parts.options.realm,
      authMech: "long-term",
      listeningIps: [],
      log: () => {},
      debugLevel: "OFF",
    });
    this.server = server;
    server.allocations = parts.held.table;
    server.software = "aparte";
    this.#hookAuthentication();
    this.#hookAllocate();
    this.#hookPeers();
    // Refresh reads two settings that the package never sets; without them each one is its last.
    server.defaultLifetime = parts.options.limits.lifetimeDefaultMs / 1_000;
    server.maxAllocateTimeout = parts.options.limits.lifetimeMaxMs / 1_000;
  }

  handle(handover: Handover): void {
    const message = new Message(this.server, handover.transport);
    this.#handovers.set(message, handover);
    this.#identity = handover.identity;
    message.reply = () => this.#replyTo(message, handover);
    if (message.read(handover.bytes)) this.server.emit("message", message);
  }

  /** The package looks names up on a plain object; who is known is who has just proven it to us. */
  #hookAuthentication(): void {
    const { authentification } = this.server;
    authentification.credentials = new Proxy<Record<string, string>>(
      {},
      {
        get: (_target, name) =>
          this.#identity?.username === name ? this.#identity.password : undefined,
      },
    );
    authentification.checkNonce = () => this.#identity !== undefined;
    authentification.generateNonce = () => {
      throw new Error("node-turn wanted to challenge what was proven already");
    };
  }

  /**
   * Whole, and without waiting: the package's own binds asynchronously, so that a second request in the
   * same TCP segment would find no allocation yet; and a slip of the pen keeps it from LIFETIME.
   */
  #hookAllocate(): void {
    const { allocate } = this.server;
    const { options, quota, held } = this.#parts;
    allocate.allocate = (message, reply) => {
      const handover = this.#handovers.get(message);
      const identity = handover?.identity;
      const transport = message.getAttribute("requested-transport");
      const full = this.draining || held.size >= options.limits.allocations;
      if (handover === undefined || identity === undefined) return;
      if (handover.held !== undefined) repeat(message, reply, handover.held);
      else if (transport === undefined) reply.reject(400, phraseOf(400));
      else if (transport !== udpProtocol) reply.reject(442, phraseOf(442));
      else if (full) reply.reject(508, phraseOf(508));
      else if (!quota.hasRoom(identity.id, 1)) reply.reject(486, phraseOf(486));
      else this.#allocate(message, reply, handover);
    };
  }

  #allocate(message: Message, reply: Message, handover: Handover): void {
    const socket = this.#openSocket(handover);
    if (socket === undefined) {
      reply.reject(508, phraseOf(508));
      return;
    }
    const lifetimeS = handover.lifetimeS ?? 1;
    // It puts itself on the server's table, which is ours.
    describe(reply, new Allocation(message, [socket], lifetimeS), lifetimeS);
  }

  #openSocket(handover: Handover | undefined): FencedSocket | undefined {
    const { pool, options, clock, sendToPeer, fromPeer } = this.#parts;
    if (handover?.identity === undefined) return undefined;
    const relay = pool.open(4, false);
    if (relay === undefined) return undefined;
    const { link, identity } = handover;
    relay.socket.deliverTo((packet, address, port) => {
      fromPeer(link, packet, address, port);
    });
    const nowMs = clock.now();
    return new FencedSocket({ link, identity, relay, limits: options.limits, nowMs, sendToPeer });
  }

  /** The package asks nobody whether a peer may be reached, and has no bounds. */
  #hookPeers(): void {
    const { createPermission, channelBind, send } = this.server;
    const permit = createPermission.createPermission.bind(createPermission);
    createPermission.createPermission = (message, reply) => {
      const held = this.#handovers.get(message)?.held;
      const peers = message.getAttributes("xor-peer-address").map(endpointOf);
      const refused = firstRefusal(peers, (peer) => this.#parts.policy.refusalOfAddress(peer));
      if (held === undefined || refused !== undefined) this.#forbid(reply, refused);
      else if (!this.#hasRoomFor(held, peers)) this.#refuse(reply, 508, "permission-limit");
      else {
        permit(message, reply);
        this.#parts.held.countPermissions(held);
      }
    };
    const bind = channelBind.channelBind.bind(channelBind);
    channelBind.channelBind = (message, reply) => {
      const held = this.#handovers.get(message)?.held;
      const peer = endpointOf(message.getAttribute("xor-peer-address"));
      const refused = firstRefusal([peer], (each) => this.#parts.policy.refusalOf(each));
      const number = Number(message.getAttribute("channel-number"));
      if (held === undefined || refused !== undefined) this.#forbid(reply, refused);
      else if (!this.#hasChannelFor(held, number)) this.#refuse(reply, 508, "channel-limit");
      else if (!this.#hasRoomFor(held, [peer])) this.#refuse(reply, 508, "permission-limit");
      else {
        bind(message, reply);
        this.#parts.held.countPermissions(held);
        this.#noteChannel(held, number);
      }
    };
    const forward = send.send.bind(send);
    send.send = (message, reply) => {
      const allocation = this.#handovers.get(message)?.held?.allocation;
      const peer = endpointOf(message.getAttribute("xor-peer-address"));
      const untilMs = peer && allocation?.permissions[formatAddress(peer)];
      if ((untilMs ?? 0) > this.#parts.clock.now()) forward(message, reply);
      else this.#parts.counters.dropped("no-permission");
    };
  }

  #hasRoomFor({ allocation }: HeldAllocation, peers: readonly (Endpoint | undefined)[]): boolean {
    const addresses = new Set(Object.keys(allocation.permissions));
    for (const peer of peers) if (peer !== undefined) addresses.add(formatAddress(peer));
    return addresses.size <= this.#parts.options.limits.permissionsPerAllocation;
  }

  #hasChannelFor({ socket }: HeldAllocation, number: number): boolean {
    const { channelsUntilMs } = socket;
    const { channelsPerAllocation } = this.#parts.options.limits;
    return channelsUntilMs.has(number) || channelsUntilMs.size < channelsPerAllocation;
  }

  /** The package keeps channels for ever and does not tell whether it bound one. */
  #noteChannel({ allocation, socket }: HeldAllocation, number: number): void {
    if (allocation.channelBindings[number] === undefined) return;
    if (!socket.channelsUntilMs.has(number)) this.#parts.counters.gauge("channels", 1);
    socket.channelsUntilMs.set(number, this.#parts.clock.now() + channelMs);
  }

  #forbid(reply: Message, refused: PeerRefusal | undefined): void {
    if (refused !== undefined) this.#parts.counters.peerRefused(refused);
    this.#refuse(reply, 403, "peer-denied");
  }

  #refuse(reply: Message, code: ErrorCode, reason: RequestRefusal): void {
    this.#reasons.set(reply, reason);
    reply.reject(code, phraseOf(code));
  }

  /** Answers are sealed and counted: the package seals some successes and no error. */
  #replyTo(message: Message, { identity }: Handover): Message {
    const reply = Message.prototype.reply.call(message);
    let answered = false;
    reply.user = identity ?? null;
    reply.resolve = () => {
      if (answered) return;
      answered = true;
      reply.class = messageClass.success;
      seal(reply);
      deliver(reply);
    };
    reply.reject = (code, reason) => {
      if (answered) return;
      answered = true;
      reply.class = messageClass.error;
      this.#parts.counters.refused(this.#reasons.get(reply) ?? this.#reasonOf(code, message));
      reply.addAttribute("error-code", { code, reason });
      seal(reply);
      deliver(reply);
    };
    return reply;
  }

  #reasonOf(code: number, message: Message): RequestRefusal {
    if (code === 437) {
      return message.method === method.allocate ? "allocation-exists" : "no-allocation";
    }
    if (code === 441) return "wrong-credential";
    if (code === 442) return "transport-unsupported";
    if (code === 486) return "credential-quota";
    if (code === 508) return this.draining ? "draining" : "capacity";
    return "bad-request";
  }
}

/** A retransmitted Allocate is answered as the first one; the package ends the allocation by it. */
function repeat(message: Message, reply: Message, { allocation, socket }: HeldAllocation): void {
  const same =
    message.transactionID === allocation.transactionID &&
    message.user?.username === socket.identity.username;
  if (!same) {
    reply.reject(437, phraseOf(437));
    return;
  }
  const leftS = Math.max(0, Math.round((allocation.timeToExpiry - Date.now()) / 1_000));
  describe(reply, allocation, leftS);
}

function describe(reply: Message, allocation: Allocation, lifetimeS: number): void {
  reply.addAttribute("xor-relayed-address", allocation.relayedTransportAddress);
  reply.addAttribute("lifetime", lifetimeS);
  reply.addAttribute("xor-mapped-address", allocation.mappedAddress);
  reply.resolve();
}

function seal(reply: Message): void {
  const sealed = reply.attributes.some(({ name }) => name === "message-integrity");
  if (!sealed) reply.addAttribute("message-integrity");
}

function deliver(reply: Message): void {
  const { socket, dst } = reply.transport;
  socket.send(reply.toBuffer(), dst.port, dst.address, () => {});
}

function endpointOf(address: unknown): Endpoint | undefined {
  return address instanceof Address ? parseEndpoint(address.address, address.port) : undefined;
}

function firstRefusal(
  peers: readonly (Endpoint | undefined)[],
  refusalOf: (peer: Endpoint) => PeerRefusal | undefined,
): PeerRefusal | undefined {
  for (const peer of peers) {
    const refused = peer === undefined ? "reserved" : refusalOf(peer);
    if (refused !== undefined) return refused;
  }
  return undefined;
}
