import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import type { OwnAddresses } from "../peer-policy.ts";
import type { TurnOptions } from "../turn-options.ts";
import type { TurnCounters } from "../turn-stats.ts";
import { attribute, messageClass, method } from "../wire/stun.ts";
import { StunReader } from "../wire/stun-reader.ts";
import { StunWriter } from "../wire/stun-writer.ts";
import { allocate } from "./allocate.ts";
import type { Allocation } from "./allocation.ts";
import { bindChannel, createPermission, onAllocation, refresh } from "./allocation-requests.ts";
import type { AuthenticRequest } from "./authentic-request.ts";
import { Authenticator } from "./authenticator.ts";
import type { ClientLink } from "./client-link.ts";
import type { RelayCore } from "./relay-core.ts";
import { RelayPath } from "./relay-path.ts";
import type { RelayNetwork } from "./relay-socket.ts";
import type { Reply } from "./reply.ts";
import { phraseOf, refusal, success } from "./reply.ts";
import { Scratch } from "./scratch.ts";
import { SourceLimiter } from "./source-limiter.ts";
import { TurnState } from "./turn-state.ts";

const sweepMs = 1_000;
const faultReportMs = 1_000;
const software = "aparte";
const requestMethods = new Set<number>([
  method.binding,
  method.allocate,
  method.refresh,
  method.createPermission,
  method.channelBind,
]);

export interface TurnCoreParts {
  readonly options: TurnOptions;
  readonly network: RelayNetwork;
  readonly clock: Clock;
  readonly counters: TurnCounters;
  /** Told, at most once a second, of an error that a packet met with inside the server. */
  readonly onFault: (error: unknown) => void;
}

/**
 * A TURN server (RFC 8656) without sockets towards clients: messages come in by `receive` and
 * answers leave by the client's link. It has one timer, and stores nothing for a client that has not
 * proven a credential.
 */
export class TurnCore implements RelayCore {
  readonly #state: TurnState;
  readonly #authenticator: Authenticator;
  readonly #limiter: SourceLimiter;
  readonly #path: RelayPath;
  readonly #scope: Scope;
  readonly #scratch = new Scratch();
  readonly #reader = new StunReader();
  readonly #writer = new StunWriter();
  readonly #onFault: (error: unknown) => void;
  #faultReportAfterMs = 0;

  constructor({ options, network, clock, counters, onFault }: TurnCoreParts) {
    this.#onFault = onFault;
    this.#state = new TurnState(options, network, clock, counters);
    this.#authenticator = new Authenticator(options, clock);
    this.#limiter = new SourceLimiter(options.limits.unauthenticatedPerS);
    this.#path = new RelayPath(this.#state, this.#scratch);
    this.#scope = new Scope("TURN core", clock);
    this.#scope.every(sweepMs, () => {
      this.#sweep();
    });
  }

  get allocations(): number {
    return this.#state.allocations.size;
  }

  protect(own: OwnAddresses): void {
    this.#state.policy.protect(own);
  }

  serves(link: ClientLink): boolean {
    return this.#state.allocations.get(link) !== undefined;
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
    const allocation = this.#state.allocations.get(link);
    if (allocation !== undefined) this.#state.allocations.end(allocation);
  }

  useSecrets(secrets: readonly string[]): void {
    this.#authenticator.useSecrets(secrets);
  }

  drain(): void {
    this.#state.draining = true;
  }

  close(reason: string): void {
    if (!this.#scope.end(reason)) return;
    this.#state.allocations.endAll();
    this.#state.pool.close();
  }

  #sweep(): void {
    const nowMs = this.#state.clock.now();
    this.#state.allocations.sweep(nowMs);
    this.#state.pool.sweep(nowMs);
  }

  #dispatch(buffer: Buffer, start: number, end: number, link: ClientLink): void {
    if (end - start < 4) {
      this.#state.counters.dropped("malformed");
    } else if (buffer.readUInt8(start) >>> 6 === 1) {
      this.#receiveChannelData(buffer, start, end, link);
    } else if (this.#reader.parse(buffer, start, end)) {
      this.#receiveMessage(link);
    } else {
      this.#state.counters.dropped("malformed");
    }
  }

  #receiveChannelData(buffer: Buffer, start: number, end: number, link: ClientLink): void {
    const allocation = this.#state.allocations.get(link);
    if (allocation === undefined) this.#state.counters.dropped("no-allocation");
    else this.#path.fromChannel(allocation, buffer, start, end);
  }

  #receiveMessage(link: ClientLink): void {
    const message = this.#reader;
    const { counters, allocations } = this.#state;
    if (message.class === messageClass.indication && message.method === method.send) {
      const allocation = allocations.get(link);
      if (allocation === undefined) counters.dropped("no-allocation");
      else this.#path.fromSend(allocation, message);
    } else if (message.class === messageClass.request && requestMethods.has(message.method)) {
      this.#receiveRequest(link);
    } else {
      // Answers to questions that were never asked, methods of others, keep-alive indications.
      counters.dropped("unsolicited");
    }
  }

  #receiveRequest(link: ClientLink): void {
    const { allocations, clock, counters } = this.#state;
    const nowMs = clock.now();
    const allocation = allocations.get(link);
    const allowed = allocation?.requests.take(1, nowMs) ?? this.#limiter.allows(link.remote, nowMs);
    if (!allowed) {
      counters.dropped("rate");
      return;
    }
    if (this.#reader.method === method.binding) {
      this.#limiter.count(link.remote, nowMs);
      this.#answer(link, this.#binding(link), undefined);
      return;
    }
    const checked = this.#authenticator.check(this.#reader, link, allocation?.identity);
    if (!checked.ok) {
      this.#limiter.count(link.remote, nowMs);
      this.#answer(link, checked, undefined);
      return;
    }
    const { identity } = checked;
    const reply = this.#handle({ message: this.#reader, link, identity, allocation });
    this.#answer(link, reply, identity.key);
  }

  #handle(request: AuthenticRequest): Reply {
    const { message } = request;
    const unknown = unknownIn(message);
    if (unknown !== undefined) return unknown;
    switch (message.method) {
      case method.allocate:
        return allocate(this.#state, request, (allocation) => {
          this.#wire(allocation);
        });
      case method.refresh:
        return onAllocation(this.#state, request, refresh);
      case method.createPermission:
        return onAllocation(this.#state, request, createPermission);
      default:
        return onAllocation(this.#state, request, bindChannel);
    }
  }

  #wire(allocation: Allocation): void {
    allocation.relay.socket.deliverTo((packet, address, port) => {
      try {
        this.#path.fromPeer(allocation, packet, address, port);
      } catch (error) {
        this.#fault(error);
      }
    });
  }

  /** One packet that we can't stand must not end the calls of everybody else. */
  #fault(error: unknown): void {
    this.#state.counters.dropped("fault");
    const nowMs = this.#state.clock.now();
    if (nowMs < this.#faultReportAfterMs) return;
    this.#faultReportAfterMs = nowMs + faultReportMs;
    this.#onFault(error);
  }

  /** RFC 8489 section 6.3.1: anyone may ask for the own address. */
  #binding(link: ClientLink): Reply {
    return (
      unknownIn(this.#reader) ??
      success((writer) => writer.address(attribute.xorMappedAddress, link.remote))
    );
  }

  /** `key` seals the answer to a request that was sealed. */
  #answer(link: ClientLink, reply: Reply, key: Buffer | undefined): void {
    const message = this.#reader;
    const writer = this.#writer.begin(
      this.#scratch.buffer,
      message.method,
      reply.ok ? messageClass.success : messageClass.error,
      message.buffer,
      message.start + 8,
    );
    if (!reply.ok) {
      this.#state.counters.refused(reply.reason);
      writer.errorCode(reply.code, phraseOf(reply.code));
    }
    reply.write(writer);
    if (key !== undefined) writer.text(attribute.software, software).integrity(key);
    if (message.has(attribute.fingerprint)) writer.fingerprint();
    link.send(this.#scratch, writer.length);
  }
}

/**
 * RFC 8489 section 6.3.1. DONT-FRAGMENT counts as unknown, as RFC 8656 section 7.2 asks of a server
 * that can't set the DF bit: Node has no access to it.
 */
function unknownIn(message: StunReader): Reply | undefined {
  const types = [...message.unknown];
  if (message.has(attribute.dontFragment)) types.push(attribute.dontFragment);
  if (types.length === 0) return undefined;
  return refusal(420, "unknown-attribute", (writer) => writer.unknownAttributes(types));
}
