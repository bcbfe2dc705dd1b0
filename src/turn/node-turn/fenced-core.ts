import Address from "node-turn/lib/address.js";
import ChannelMessage from "node-turn/lib/channelMessage.js";
import Message from "node-turn/lib/message.js";
import Transport from "node-turn/lib/transport.js";
import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import { Authenticator } from "../core/authenticator.ts";
import type { ClientLink } from "../core/client-link.ts";
import { CredentialQuota } from "../core/credential-quota.ts";
import type { Identity } from "../core/credential-verifier.ts";
import type { RelayCore } from "../core/relay-core.ts";
import { RelayPool } from "../core/relay-pool.ts";
import type { Refusal } from "../core/reply.ts";
import { phraseOf } from "../core/reply.ts";
import { Scratch } from "../core/scratch.ts";
import { SourceLimiter } from "../core/source-limiter.ts";
import { TransactionIds } from "../core/transaction-ids.ts";
import type { TurnCoreParts } from "../core/turn-core.ts";
import { formatAddress, parseEndpoint } from "../ip/address.ts";
import { longTermKey, passwordOf } from "../credentials.ts";
import type { OwnAddresses } from "../peer-policy.ts";
import { PeerPolicy } from "../peer-policy.ts";
import type { TurnOptions } from "../turn-options.ts";
import type { TurnCounters } from "../turn-stats.ts";
import { attribute, messageClass, method, udpProtocol } from "../wire/stun.ts";
import { StunReader } from "../wire/stun-reader.ts";
import { StunWriter } from "../wire/stun-writer.ts";
import { canonicalMessage } from "./canonical-message.ts";
import { FencedAllocations } from "./fenced-allocations.ts";
import type { HeldAllocation } from "./fenced-allocations.ts";
import type { FencedSocket, ProvenIdentity } from "./fenced-socket.ts";
import { PackageHooks } from "./package-hooks.ts";
import { grantedFor, refusalBeforePackage } from "./request-checks.ts";

const sweepMs = 1_000;
const faultReportMs = 1_000;
const payloadBytesMax = 65_000;
const requestMethods = new Set<number>([
  method.binding,
  method.allocate,
  method.refresh,
  method.createPermission,
  method.channelBind,
]);

/**
 * node-turn behind fences. The package answers requests and builds messages; every byte of a client
 * is read by our own codec first, credentials are proven by our own authenticator, sockets are ours,
 * and each packet in both directions is held to permission, policy and quota here.
 */
export class FencedCore implements RelayCore {
  readonly #options: TurnOptions;
  readonly #clock: Clock;
  readonly #counters: TurnCounters;
  readonly #policy: PeerPolicy;
  readonly #pool: RelayPool;
  readonly #held: FencedAllocations;
  readonly #authenticator: Authenticator;
  readonly #limiter: SourceLimiter;
  readonly #hooks: PackageHooks;
  readonly #scope: Scope;
  readonly #reader = new StunReader();
  readonly #scratch = new Scratch();
  readonly #inner = Buffer.allocUnsafeSlow(66_000);
  readonly #ids = new TransactionIds();
  readonly #onFault: (error: unknown) => void;
  readonly #namedBy: ReadonlyMap<string, string>;
  #secrets: readonly string[];
  #faultReportAfterMs = 0;

  constructor({ options, network, clock, counters, onFault }: TurnCoreParts) {
    const { limits } = options;
    const quota = new CredentialQuota(limits.allocationsPerCredential);
    this.#options = options;
    this.#clock = clock;
    this.#counters = counters;
    this.#onFault = onFault;
    this.#secrets = options.secrets;
    this.#policy = new PeerPolicy(options.peers);
    this.#pool = new RelayPool(options.relay, network, quota, clock, counters);
    this.#held = new FencedAllocations(quota, counters);
    this.#authenticator = new Authenticator(options, clock);
    this.#limiter = new SourceLimiter(limits.unauthenticatedPerS);
    this.#namedBy = new Map(
      options.relay.addresses.map(({ address, external = address }) => [address, external]),
    );
    this.#hooks = new PackageHooks({
      options,
      clock,
      counters,
      quota,
      held: this.#held,
      pool: this.#pool,
      policy: this.#policy,
      sendToPeer: (socket, data, address, port) => {
        this.#toPeer(socket, data, address, port);
      },
      fromPeer: (link, packet, address, port) => {
        this.#receiveFromPeer(link, packet, address, port);
      },
    });
    this.#scope = new Scope("node-turn", clock);
    this.#scope.every(sweepMs, () => {
      this.#held.sweep(clock.now());
    });
  }

  get allocations(): number {
    return this.#held.size;
  }

  protect(own: OwnAddresses): void {
    this.#policy.protect(own);
  }

  serves(link: ClientLink): boolean {
    return this.#held.get(link) !== undefined;
  }

  receive(buffer: Buffer, start: number, end: number, link: ClientLink): void {
    if (this.#scope.ended) return;
    try {
      this.#dispatch(buffer, start, end, link);
    } catch (error) {
      this.#fault(error);
    }
  }

  linkClosed(link: ClientLink): void {
    this.#held.end(link.path);
  }

  useSecrets(secrets: readonly string[]): void {
    this.#secrets = secrets;
    this.#authenticator.useSecrets(secrets);
  }

  drain(): void {
    this.#hooks.draining = true;
  }

  close(reason: string): void {
    if (!this.#scope.end(reason)) return;
    this.#held.endAll();
    this.#pool.close();
  }

  #dispatch(buffer: Buffer, start: number, end: number, link: ClientLink): void {
    const held = this.#held.get(link);
    if (end - start < 4) this.#counters.dropped("malformed");
    else if (buffer.readUInt8(start) >>> 6 === 1) this.#fromChannel(held, buffer, start, end);
    else if (!this.#reader.parse(buffer, start, end)) this.#counters.dropped("malformed");
    else if (this.#reader.class === messageClass.request) this.#request(link, held);
    else if (
      this.#reader.class === messageClass.indication &&
      this.#reader.method === method.send
    ) {
      this.#send(link, held);
    } else this.#counters.dropped("unsolicited");
  }

  #request(link: ClientLink, held: HeldAllocation | undefined): void {
    const nowMs = this.#clock.now();
    const message = this.#reader;
    if (!requestMethods.has(message.method)) {
      this.#counters.dropped("unsolicited");
      return;
    }
    const allowed =
      held?.socket.requests.take(1, nowMs) ?? this.#limiter.allows(link.remote, nowMs);
    if (!allowed) {
      this.#counters.dropped("rate");
      return;
    }
    if (message.method === method.binding) {
      this.#limiter.count(link.remote, nowMs);
      const refused = refusalBeforePackage(message, held);
      if (refused !== undefined) this.#refuse(link, refused, undefined);
      else this.#hand(link, undefined, undefined);
      return;
    }
    const checked = this.#authenticator.check(message, link, held?.socket.identity);
    if (!checked.ok) {
      this.#limiter.count(link.remote, nowMs);
      this.#refuse(link, checked, undefined);
      return;
    }
    const identity = this.#proven(checked.identity, held);
    const refused = refusalBeforePackage(message, held);
    if (refused !== undefined) this.#refuse(link, refused, identity.key);
    else this.#hand(link, identity, held);
  }

  #send(link: ClientLink, held: HeldAllocation | undefined): void {
    const message = this.#reader;
    if (held === undefined) {
      this.#counters.dropped("no-allocation");
    } else if (
      message.peerCount !== 1 ||
      !message.has(attribute.data) ||
      message.hasUnknown ||
      message.has(attribute.dontFragment)
    ) {
      this.#counters.dropped("malformed");
    } else {
      this.#hand(link, undefined, held);
    }
  }

  /** Gives the package what the reader holds, written anew. */
  #hand(
    link: ClientLink,
    identity: ProvenIdentity | undefined,
    held: HeldAllocation | undefined,
  ): void {
    const { realm, limits } = this.#options;
    const lifetimeS = grantedFor(this.#reader, held, limits, this.#clock.now());
    const proof = identity === undefined ? undefined : { ...identity, realm };
    const bytes = canonicalMessage(this.#reader, this.#inner, proof, lifetimeS);
    this.#hooks.handle({ bytes, identity, held, link, lifetimeS, transport: this.#way(link) });
  }

  #way(link: ClientLink): Transport {
    const source = new Address(formatAddress(link.remote), link.remote.port);
    const transport = new Transport(udpProtocol, source, new Address("0.0.0.0", 0), {
      send: (bytes) => {
        this.#toClient(link, bytes);
      },
    });
    transport.get5Tuple = () => link.path;
    return transport;
  }

  /** ChannelData of a client, which the package drops. */
  #fromChannel(held: HeldAllocation | undefined, buffer: Buffer, start: number, end: number): void {
    if (held === undefined) {
      this.#counters.dropped("no-allocation");
      return;
    }
    const length = buffer.readUInt16BE(start + 2);
    if (start + 4 + length > end) {
      this.#counters.dropped("malformed");
      return;
    }
    const peer = held.allocation.channelBindings[buffer.readUInt16BE(start)];
    if (peer === undefined) {
      this.#counters.dropped("no-channel");
      return;
    }
    const data = buffer.subarray(start + 4, start + 4 + length);
    if (!this.#permitted(held, peer.address)) this.#counters.dropped("no-permission");
    else this.#toPeer(held.socket, data, peer.address, peer.port);
  }

  /** Where all data towards peers comes by: of channels, and of the package's Send. */
  #toPeer(socket: FencedSocket, data: Buffer, address: string, port: number): void {
    const peer = parseEndpoint(address, port);
    const refused = peer === undefined ? "reserved" : this.#policy.refusalOf(peer);
    if (peer === undefined || refused !== undefined) {
      if (refused !== undefined) this.#counters.peerRefused(refused);
      this.#counters.dropped("peer-denied");
      return;
    }
    if (!socket.fromClient.take(data.length, this.#clock.now())) {
      this.#counters.dropped("bandwidth");
      return;
    }
    const local = formatAddress(this.#pool.localOf(peer));
    if (!socket.relay.socket.send(data, 0, data.length, port, local)) {
      this.#counters.dropped("queue-full");
      return;
    }
    this.#counters.total("packetsFromClients");
    this.#counters.total("bytesFromClients", data.length);
  }

  /** A datagram at a relay port. The package's handler throws on those of 0 and 1 bytes. */
  #receiveFromPeer(link: ClientLink, packet: Buffer, address: string, port: number): void {
    const held = this.#held.get(link);
    if (held === undefined) return;
    try {
      this.#fromPeer(held, packet, this.#namedBy.get(address) ?? address, port);
    } catch (error) {
      this.#fault(error);
    }
  }

  #fromPeer(held: HeldAllocation, packet: Buffer, address: string, port: number): void {
    const peer = parseEndpoint(address, port);
    if (peer === undefined || !this.#permitted(held, address)) {
      this.#counters.dropped("no-permission");
    } else if (packet.length > payloadBytesMax) {
      this.#counters.dropped("malformed");
    } else if (this.#policy.refusalOf(peer) !== undefined) {
      this.#counters.dropped("peer-denied");
    } else if (!held.socket.toClient.take(packet.length, this.#clock.now())) {
      this.#counters.dropped("bandwidth");
    } else if (!this.#toClient(held.socket.link, this.#wrapped(held, packet, address, port))) {
      this.#counters.dropped("queue-full");
    } else {
      this.#counters.total("packetsToClients");
      this.#counters.total("bytesToClients", packet.length);
    }
  }

  /** The package's own indications wait for random bytes, and overtake each other by that. */
  #wrapped({ allocation, socket }: HeldAllocation, packet: Buffer, address: string, port: number) {
    const peer = new Address(address, port);
    const channel = allocation.getPeerChannelNumber(peer);
    if (channel !== undefined) return new ChannelMessage(channel, packet).write();
    const indication = new Message(this.#hooks.server, this.#way(socket.link));
    indication.class = messageClass.indication;
    indication.method = method.data;
    indication.transactionID = this.#ids.next().toString("hex");
    indication.addAttribute("xor-peer-address", peer);
    indication.addAttribute("data", packet);
    return indication.toBuffer();
  }

  #permitted({ allocation }: HeldAllocation, address: string): boolean {
    return (allocation.permissions[address] ?? 0) > this.#clock.now();
  }

  #toClient(link: ClientLink, bytes: Buffer): boolean {
    bytes.copy(this.#scratch.buffer);
    return link.send(this.#scratch, bytes.length);
  }

  /** An answer that the package can't give: it seals none, and names no unknown attributes. */
  #refuse(link: ClientLink, reply: Refusal, key: Buffer | undefined): void {
    const message = this.#reader;
    const writer = new StunWriter().begin(
      this.#scratch.buffer,
      message.method,
      messageClass.error,
      message.buffer,
      message.start + 8,
    );
    this.#counters.refused(reply.reason);
    writer.errorCode(reply.code, phraseOf(reply.code));
    reply.write(writer);
    if (key !== undefined) writer.text(attribute.software, "aparte").integrity(key);
    if (message.has(attribute.fingerprint)) writer.fingerprint();
    link.send(this.#scratch, writer.length);
  }

  #proven(identity: Identity, held: HeldAllocation | undefined): ProvenIdentity {
    if (held?.socket.identity.username === identity.username) return held.socket.identity;
    const { username, key } = identity;
    for (const secret of this.#secrets) {
      const password = passwordOf(secret, username);
      if (longTermKey(username, this.#options.realm, password).equals(key)) {
        return { ...identity, password };
      }
    }
    throw new Error("a credential was proven under no secret");
  }

  #fault(error: unknown): void {
    this.#counters.dropped("fault");
    const nowMs = this.#clock.now();
    if (nowMs < this.#faultReportAfterMs) return;
    this.#faultReportAfterMs = nowMs + faultReportMs;
    this.#onFault(error);
  }
}
