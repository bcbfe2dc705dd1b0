import { createHash } from "node:crypto";
import type { ClientLink } from "../../src/turn/core/client-link.ts";
import type {
  PeerPacketHandler,
  RelayNetwork,
  RelaySocket,
} from "../../src/turn/core/relay-socket.ts";
import type { Scratch } from "../../src/turn/core/scratch.ts";
import type { RelayCore } from "../../src/turn/core/relay-core.ts";
import type { TurnCoreParts } from "../../src/turn/core/turn-core.ts";
import { TurnCore } from "../../src/turn/core/turn-core.ts";
import type { TurnCredential } from "../../src/turn/credentials.ts";
import { issueCredential } from "../../src/turn/credentials.ts";
import type { Endpoint } from "../../src/turn/ip/address.ts";
import { TurnCounters } from "../../src/turn/turn-stats.ts";
import { attribute, method } from "../../src/turn/wire/stun.ts";
import { StunReader } from "../../src/turn/wire/stun-reader.ts";
import type { StunWriter } from "../../src/turn/wire/stun-writer.ts";
import { ManualClock } from "./manual-clock.ts";
import { endpoint } from "./turn-client.ts";
import type { OptionChanges } from "./turn-lab-options.ts";
import { secret, turnOptions } from "./turn-lab-options.ts";
import { turnRequest } from "./turn-request.ts";

/** Relay ports in memory: what is sent is counted, what a peer sends is handed in. */
class MemoryNetwork implements RelayNetwork {
  readonly open = new Map<number, PeerPacketHandler | undefined>();
  sent = 0;
  /** Makes each send fail as no socket of ours should. */
  broken = false;

  bind(_address: string, port: number): RelaySocket {
    this.open.set(port, undefined);
    return {
      port,
      deliverTo: (handler) => this.open.set(port, handler),
      send: () => {
        if (this.broken) throw new Error("a broken socket");
        this.sent += 1;
        return true;
      },
      close: () => this.open.delete(port),
    };
  }

  /** A datagram of a peer to each relay port. */
  deliver(packet: Buffer, address: string, port: number): void {
    for (const handler of this.open.values()) handler?.(packet, address, port);
  }
}

/** A client's 5-tuple in memory that keeps the last message it was sent. */
export class MemoryLink implements ClientLink {
  readonly transport = "udp";
  readonly remote: Endpoint;
  readonly path: string;
  readonly last = new StunReader();
  held = false;
  received = 0;

  constructor(port: number) {
    this.remote = endpoint("192.0.2.1", port);
    this.path = `memory|${port}`;
  }

  send(scratch: Scratch, length: number): boolean {
    this.received += 1;
    const bytes = Buffer.from(scratch.buffer.subarray(0, length));
    this.last.parse(bytes, 0, length);
    return true;
  }

  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
  }
}

/** A core without sockets, for what a real network would take too long for. */
export class TurnCoreLab {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly counters = new TurnCounters();
  readonly network = new MemoryNetwork();
  readonly core: RelayCore;
  /** Errors inside the core: at the end of each test there must be none that it did not provoke. */
  readonly faults: unknown[] = [];
  readonly #credentials = new Map<string, TurnCredential>();

  constructor(
    changes: OptionChanges = {},
    create: (parts: TurnCoreParts) => RelayCore = (parts) => new TurnCore(parts),
  ) {
    const { clock, counters, network } = this;
    const onFault = (error: unknown) => this.faults.push(error);
    this.core = create({ options: turnOptions(changes), network, clock, counters, onFault });
  }

  /** The seal that a well-behaved client of this id would use now. */
  seal(link: MemoryLink, id: string) {
    this.say(link, turnRequest({ method: method.allocate }));
    const nonce = link.last.text(attribute.nonce) ?? "";
    return { credential: this.#credentialOf(id), realm: "turn.test", nonce };
  }

  /** A sealed request; the answer is `link.last`. */
  ask(link: MemoryLink, id: string, number: number, build: (writer: StunWriter) => void): void {
    this.say(link, turnRequest({ method: number, build, seal: this.seal(link, id) }));
  }

  say(link: MemoryLink, bytes: Buffer): void {
    this.core.receive(bytes, 0, bytes.length, link);
  }

  /** The same one for a day: an allocation takes orders only from the credential that made it. */
  #credentialOf(id: string): TurnCredential {
    const known = this.#credentials.get(id);
    if (known !== undefined && known.expiresAtMs > this.clock.now()) return known;
    const issued = issueCredential({ secret, id, lifetimeMs: 86_400_000 }, this.clock);
    this.#credentials.set(id, issued);
    return issued;
  }
}

/** Whether the last answer was a success. */
export function succeeded(link: MemoryLink): boolean {
  return link.last.class === 2;
}

/** Numbers from 0 to 1 that are the same in each run with the same seed. */
export function seededRandom(seed: string): () => number {
  let block = Buffer.alloc(0);
  let count = 0;
  let at = 0;
  return () => {
    if (at + 4 > block.length) {
      block = createHash("sha256").update(`${seed} ${count}`).digest();
      count += 1;
      at = 0;
    }
    at += 4;
    return block.readUInt32BE(at - 4) / 0x1_0000_0000;
  };
}
